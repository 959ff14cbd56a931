using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;

namespace GrainSensors.Reconcile;

/// <summary>
/// Describes to an engine how the stream counts readings: by the configuration, and by the measurements that it has found.
/// </summary>
internal static class ReconcileRequest
{
    /// <param name="from">Earliest start of a window, inclusive, µs since the epoch.</param>
    /// <param name="to">Latest start of a window, exclusive.</param>
    /// <param name="now">µs since the epoch.</param>
    public static async Task<ReconciliationRequest> CreateAsync(
        PipelineSettings settings, IStore store, long from, long to, long now, CancellationToken cancellationToken)
    {
        var stored = await store.MeasurementNames.ReadAsync(cancellationToken);
        return new(settings.Ingest.Period, from, to, null, settings.Measurements.All)
        {
            Discovered = Discovered(settings, stored),
            Stored = [.. stored.Select(measurement => new DiscoveredMeasurement(measurement.Name, measurement.AddedAt))],
            Discovery = settings.Discovery,
            MaxDiscovered = settings.Discovery.MostBeside(settings.Measurements),
            Earliest = new AcceptedTimes(settings.Readings).First,
            MaxAhead = EpochTime.From(settings.Readings.MaxAhead),
            Grace = EpochTime.From(settings.Ingest.Grace),
            KeptFrom = settings.Ingest.Retention == Timeout.InfiniteTimeSpan
                ? long.MinValue
                : now - EpochTime.From(settings.Ingest.Retention),
            DeduplicateResolution = settings.Deduplication?.Resolution,
        };
    }

    private static DiscoveredMeasurement[] Discovered(PipelineSettings settings, IReadOnlyList<StoredMeasurement> stored) =>
    [
        .. stored.Where(measurement => settings.Measurements.IndexOf(measurement.Name) < 0
                && settings.Discovery.Cover(Encoding.UTF8.GetBytes(measurement.Name)) && WindowsStatement.Takes(measurement.Name))
            .Select(measurement => new DiscoveredMeasurement(measurement.Name, measurement.AddedAt)),
    ];
}
