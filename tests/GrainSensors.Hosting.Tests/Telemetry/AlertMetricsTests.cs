using System.Diagnostics.Metrics;
using GrainSensors.Core.Alerts;
using GrainSensors.Hosting.Telemetry;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Tests.Telemetry;

/// <summary>The metric of open alerts.</summary>
public sealed class AlertMetricsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, int> _measured = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_alerts_are_counted_by_kind_also_those_of_a_kind_that_only_a_later_version_knows()
    {
        var file = _directory.File("windows.db");
        await using var store = new SqliteWindowStore(file);
        await store.PrepareAsync(Stop);
        await store.Alerts.WriteAsync([Open(1, AlertKind.Window), Open(2, AlertKind.Window), Open(3, AlertKind.Rate)], Stop);
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE alerts SET kind = 'forecast' WHERE kind = 'rate'";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var listener = ListenerOf(meters);
        using var metrics = new AlertMetrics(meters, store, TimeProvider.System);
        await metrics.StartAsync(Stop);
        await Until.Async(
            () =>
            {
                listener.RecordObservableInstruments();
                return _measured.Count > 0;
            },
            () => "no measurement",
            TimeSpan.FromSeconds(30));
        await metrics.StopAsync(Stop);

        Assert.Equal(
            [.. Enum.GetValues<AlertKind>().Select(kind => (kind.Name(), kind == AlertKind.Window ? 2 : 0)), ("forecast", 1)],
            _measured.Select(kind => (kind.Key, kind.Value)));
    }

    private MeterListener ListenerOf(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "grainsensors.alerts.open")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, count, labels, _) => _measured[$"{labels[0].Value}"] = count);
        listener.Start();
        return listener;
    }

    private static Alert Open(int sensor, AlertKind kind) => new(
        AlertId.Of(sensor, "temperature", kind, 1, "warm"), sensor, "temperature", kind, AlertLevel.Warning, 1, 1, null, 1, 31,
        double.NaN, 1, "")
    {
        Rule = "warm",
    };
}
