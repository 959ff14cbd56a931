using System.Diagnostics.Metrics;

namespace GrainSensors.Storage.Windows;

/// <summary>What is measured of a store: nothing more than it counts anyway, when somebody looks.</summary>
public sealed class StoreMetrics
{
    private const string MeterName = "GrainSensors";

    public StoreMetrics(IMeterFactory meters, IStore store)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter("grainsensors.store.written_rows", () => store.Written.Rows, "{row}", "Window rows that are durable, each as often as it was written.");
        meter.CreateObservableCounter("grainsensors.store.conflicts", () => store.Written.Conflicts, "{row}", "Writes that were refused because another activation had written the row.");
        meter.CreateObservableCounter("grainsensors.store.commits", () => store.Written.Commits, "{transaction}", "Transactions of window rows.");
    }
}
