using System.Diagnostics.Metrics;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Telemetry;

/// <summary>How many alerts are open, by kind: of the whole store, so that every silo of a cluster tells the same.</summary>
internal sealed class AlertMetrics : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly KeyValuePair<string, object?> Disconnected = new("kind", "disconnected");
    private static readonly KeyValuePair<string, object?> Extreme = new("kind", "extreme");

    private readonly IStore _store;
    private readonly TimeProvider _clock;
    private volatile object? _counts;

    public AlertMetrics(IMeterFactory meters, IStore store, TimeProvider clock)
    {
        (_store, _clock) = (store, clock);
        meters.Create(IngestMetrics.MeterName).CreateObservableGauge(
            "grainsensors.alerts.open", Measure, "{alert}", "Alerts that have not cleared, of the whole store.");
    }

    /// <summary>Looks now and then: whoever reads the metrics must not wait for the store.</summary>
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
                // Nothing rather than what was; that the store is away others say.
                _counts = null;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Measurement<int>[] Measure() => _counts is AlertCounts counts ? [new(counts.Disconnected, Disconnected), new(counts.Extreme, Extreme)] : [];
}
