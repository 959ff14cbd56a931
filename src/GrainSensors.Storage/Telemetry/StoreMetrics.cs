using System.Diagnostics.Metrics;
using GrainSensors.Core.Telemetry;

namespace GrainSensors.Storage.Telemetry;

/// <summary>The metrics of a store: counters that the store keeps anyway, read when an exporter collects them.</summary>
public sealed class StoreMetrics
{
    public StoreMetrics(IMeterFactory meters, IStore store)
    {
        var meter = meters.Create(InstrumentationScope.Name);
        meter.CreateObservableCounter(
            "grainsensors.store.written_rows", () => store.Written.Rows, "{row}", "Durable writes of window rows.");
        meter.CreateObservableCounter(
            "grainsensors.store.conflicts", () => store.Written.Conflicts, "{row}",
            "Writes refused because another activation had written the row.");
        meter.CreateObservableCounter(
            "grainsensors.store.commits", () => store.Written.Commits, "{transaction}", "Transactions of window rows.");
    }
}
