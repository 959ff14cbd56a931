namespace GrainSensors.Storage.Windows;

/// <summary>What a store has written since it was opened.</summary>
/// <param name="Rows">Window rows that are durable, each as often as it was written.</param>
/// <param name="Conflicts">Writes that were refused because another activation had written the row.</param>
/// <param name="Commits">Transactions that these rows were in.</param>
public sealed record WriteTotals(long Rows, long Conflicts, long Commits);
