using System.Diagnostics;
using System.Globalization;
using System.Text;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Benchmarks.Handover;

/// <summary>Sensors that report once a second each, one after the other, whatever becomes of the silos.</summary>
internal sealed class SensorLoad : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly int _sensors;
    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public SensorLoad(string bootstrapServers, int sensors)
    {
        _sensors = sensors;
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(Options.Create(new KafkaOptions { BootstrapServers = bootstrapServers }))
            .AddReadingProducer(Linger)
            .BuildServiceProvider();
        Producer = _services.GetRequiredService<ReadingProducer>();
        _running = Task.Run(RunAsync);
    }

    public ReadingProducer Producer { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _services.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(Interval);
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0L; ;)
        {
            await pace.WaitForNextTickAsync(_stop.Token);
            for (var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * _sensors); sent < due; sent++)
            {
                var sensor = (int)(sent % _sensors);
                var json = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"sensor_id\":{sensor},\"timestamp\":{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},"
                    + $"\"temperature\":{15 + (sent % 100 * 0.1):0.0},\"humidity\":{40 + (sent % 20)}}}");
                await Producer.AppendAsync(sensor, Encoding.UTF8.GetBytes(json), cancellationToken: _stop.Token);
            }
        }
    }
}
