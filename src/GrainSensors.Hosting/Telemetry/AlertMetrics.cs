using System.Diagnostics.Metrics;
using GrainSensors.Core.Alerts;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Telemetry;

/// <summary>Measures the open alerts of the whole store, by kind. Every silo of a cluster reports the same number.</summary>
internal sealed class AlertMetrics : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly string[] Kinds = [.. Enum.GetValues<AlertKind>().Select(kind => kind.Name())];

    private readonly IStore _store;
    private readonly TimeProvider _clock;
    private volatile AlertCounts? _counts;

    public AlertMetrics(IMeterFactory meters, IStore store, TimeProvider clock)
    {
        (_store, _clock) = (store, clock);
        meters.Create(IngestMetrics.MeterName).CreateObservableGauge(
            "grainsensors.alerts.open", Measure, "{alert}", "Alerts that have not cleared, of the whole store.");
    }

    /// <summary>Counts at an interval, because a scrape must not wait for the store.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        do
        {
            try
            {
                _counts = await _store.Alerts.CountOpenAsync(stoppingToken);
            }
            catch (WindowStoreUnavailableException)
            {
                // No value is better than an old one. The health checks report the outage of the store.
                _counts = null;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>Of each kind, also of those without alerts and of those that only a later version knows.</returns>
    private IEnumerable<Measurement<int>> Measure() => _counts is not { } counts ? [] : Kinds.Union(counts.ByKind.Keys)
        .Select(kind => new Measurement<int>(counts.ByKind.GetValueOrDefault(kind), new KeyValuePair<string, object?>("kind", kind)));
}
