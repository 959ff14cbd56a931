namespace GrainSensors.Reconciliation.Model;

/// <summary>The state of a run at one moment.</summary>
/// <param name="Done">The number of messages or rows processed in this step; 0 in a step that does not count them.</param>
/// <param name="Total">The number of messages to read; 0 if it is unknown.</param>
public readonly record struct ReconciliationProgress(ReconciliationStep Step, long Done, long Total);

/// <summary>The steps of a run, in their order.</summary>
public enum ReconciliationStep
{
    FindingOffsets = 0,
    ReadingDeadLetters,
    ReadingMessages,
    Comparing,
}
