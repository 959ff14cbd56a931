using GrainSensors.Reconciliation.Spark;

namespace GrainSensors.Reconcile;

/// <summary>What <c>reconcile</c> was told. Times in µs since the epoch.</summary>
/// <param name="From">Least start of a window, inclusive.</param>
/// <param name="To">Greatest start of a window, exclusive.</param>
/// <param name="SensorIds">Empty: all.</param>
/// <param name="Engine"><c>local</c> or <c>spark</c>.</param>
/// <param name="Folder">For what the local engine cannot hold in memory.</param>
/// <param name="Memory">Of the local engine, as DuckDB takes it.</param>
internal sealed record ReconcileOptions(
    long From, long To, IReadOnlyList<int> SensorIds, string Engine, string Folder, string Memory, SparkOptions Spark, bool DryRun, bool WholeLog, bool Json)
{
    public const string Local = "local";
    public const string OnSpark = "spark";
}
