using GrainSensors.Core.Time;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>
/// Sensors that report all the time, and the oracle of what they reported. Some readings have no key, some come late, so
/// that windows reopen and sensors are spread over partitions.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int SensorCount = 60;
    private const int MaxDelaySeconds = 30;

    /// <summary>Between two rounds; a round takes a reading of every tenth sensor.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly Func<TimeSpan> _clockError;
    private readonly Task _running;

    /// <param name="seed">Also decides which sensors these are: several runs in one cluster keep out of each other's way.</param>
    /// <param name="clockError">By how much the clocks of the sensors are wrong.</param>
    public Traffic(KafkaOptions kafka, int seed, Func<TimeSpan>? clockError = null)
    {
        _services = PipelineHost.BuildProducer(kafka, TimeSpan.FromMilliseconds(5));
        Producer = _services.GetRequiredService<ReadingProducer>();
        Readings = new(FaultCluster.Period, seed);
        _random = new(seed);
        Sensors = [.. Enumerable.Range(seed * SensorCount, SensorCount)];
        _clockError = clockError ?? (() => TimeSpan.Zero);
        _running = Task.Run(RunAsync);
    }

    public ReadingProducer Producer { get; }

    public Readings Readings { get; }

    public IReadOnlyList<int> Sensors { get; }

    /// <summary>Ends it; every reading that the oracle has is in the log then.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Producer.FlushAsync(CancellationToken.None);
        Assert.True(Producer.Failed == 0, $"{Producer.Failed} readings are not in the log: {Producer.Failure}");
    }

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
            for (var index = round % 10; index < SensorCount; index += 10)
            {
                var delay = _random.Next(20) == 0 ? _random.Next(MaxDelaySeconds) : 0;
                var time = EpochTime.Now(TimeProvider.System) + EpochTime.From(_clockError()) - (delay * EpochTime.MicrosPerSecond);

                // Whole milliseconds: what the contract's JSON carries to the digit.
                await Producer.AppendAsync(Sensors[index], Readings.Next(Sensors[index], time - (time % 1000)), key: index % 6 != 0);
            }
        }
    }
}
