using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Spark;

namespace GrainSensors.Reconcile;

/// <summary>The options of <c>reconcile</c>. Times are in µs since the epoch.</summary>
/// <param name="From">Earliest start of a window, inclusive.</param>
/// <param name="To">Latest start of a window, exclusive.</param>
/// <param name="Sensors">The sensors to compare; empty: all.</param>
/// <param name="Engine"><c>local</c> or <c>spark</c>.</param>
/// <param name="Folder">Folder for temporary files of the local engine.</param>
/// <param name="Memory">Memory limit of the local engine, in the form of DuckDB.</param>
internal sealed record ReconcileOptions(
    long From,
    long To,
    IReadOnlyList<SensorRef> Sensors,
    string Engine,
    string Folder,
    string Memory,
    SparkOptions Spark,
    bool DryRun,
    bool WholeLog,
    bool Json)
{
    public const string Local = "local";
    public const string OnSpark = "spark";
}
