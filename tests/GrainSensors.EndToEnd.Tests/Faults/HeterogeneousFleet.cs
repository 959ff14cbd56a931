using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Devices of many kinds that report all the time, and the oracle of what they reported.</summary>
internal sealed class HeterogeneousFleet : IAsyncDisposable
{
    private const int MaxDelaySeconds = 30;

    /// <summary>A round takes a reading of every twentieth sensor.</summary>
    private const int Rounds = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly List<(DeviceKind Kind, string Name)> _sensors;
    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly Task _running;

    public HeterogeneousFleet(KafkaOptions kafka, IEnumerable<DeviceKind> kinds, Period period, int seed)
    {
        _sensors = [.. kinds.SelectMany(kind => Enumerable.Range(0, kind.Sensors).Select(i => (kind, kind.NameOf(i))))];
        _services = PipelineHost.BuildProducer(kafka, TimeSpan.FromMilliseconds(5));
        Producer = _services.GetRequiredService<ReadingProducer>();
        Readings = new(period, seed);
        _random = new(seed);
        _running = Task.Run(RunAsync);
    }

    public ReadingProducer Producer { get; }

    public Readings Readings { get; }

    /// <summary>Ends it; every reading that the oracle has is in the log then.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Producer.FlushAsync(CancellationToken.None);
        Assert.True(Producer.Failed == 0, $"{Producer.Failed} readings are not in the log: {Producer.Failure}");
    }

    /// <returns>The rows of the fleet, by the places of their sensors in it.</returns>
    public Task<Dictionary<WindowKey, WindowRow>> RowsAsync(FaultCluster cluster) =>
        cluster.RowsAsync(_sensors.Select((sensor, place) => (sensor.Name, place)).ToDictionary());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _services.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(Interval);
        for (var round = 0; !_stop.IsCancellationRequested; round++)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            for (var place = round % Rounds; place < _sensors.Count; place += Rounds)
            {
                var delay = _random.Next(20) == 0 ? _random.Next(MaxDelaySeconds) : 0;
                var time = EpochTime.Now(TimeProvider.System) - (delay * EpochTime.MicrosPerSecond);
                var key = place % 6 != 0 ? DeviceKind.KeyOf(_sensors[place].Name) : null;
                await Producer.AppendAsync(key, Next(place, time - (time % 1000)), CancellationToken.None);
            }
        }
    }

    private byte[] Next(int place, long time)
    {
        var (kind, name) = _sensors[place];
        var json = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{{\"sensor_id\":{kind.Write(name, _random)},\"timestamp\":{(decimal)time / EpochTime.MicrosPerSecond}");
        foreach (var measurement in kind.Measurements)
        {
            var value = Math.Round(_random.NextDouble() * 40, 2);
            Readings.Expect(place, measurement, time, value);
            json.Append(CultureInfo.InvariantCulture, $",\"{measurement}\":{value}");
        }

        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }
}
