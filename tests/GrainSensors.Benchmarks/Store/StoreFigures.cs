namespace GrainSensors.Benchmarks.Store;

/// <summary>What a store made of it. Rows a second.</summary>
/// <param name="Before">Rows that were there already; null: nobody knows.</param>
/// <param name="New">Rows that were not there yet.</param>
/// <param name="Known">Rows that were rewritten as at a checkpoint: the median of the rounds.</param>
/// <param name="Read">Rows that were read as after a failover.</param>
internal sealed record StoreFigures(string Store, long? Before, double New, double Known, double Read);
