namespace GrainSensors.Ingest.Dispatch;

/// <summary>The result of sending a batch to its grains.</summary>
internal enum DispatchOutcome
{
    /// <summary>Every grain has acknowledged its readings.</summary>
    Applied,

    /// <summary>A grain is missing readings that it had acknowledged.</summary>
    Gap,

    /// <summary>The partition was revoked before every grain had acknowledged its readings.</summary>
    Revoked,

    /// <summary>Another owner of the partition has written a checkpoint.</summary>
    Replaced,
}
