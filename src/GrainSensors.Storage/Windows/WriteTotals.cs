namespace GrainSensors.Storage.Windows;

/// <summary>The writes of a store since it was opened.</summary>
/// <param name="Rows">Durable writes of window rows.</param>
/// <param name="Conflicts">Writes refused because another activation had written the row.</param>
/// <param name="Commits">Transactions of window rows.</param>
public sealed record WriteTotals(long Rows, long Conflicts, long Commits);
