using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>
/// Keeps the simulated sensors going: starts them, and again should one have been deactivated. Stops them before the
/// silo stops, and lets the windows take what they have produced: the embedded broker forgets it.
/// </summary>
internal sealed class SimulationService(
    IGrainFactory grains, IngestService ingest, ReadingProducer producer, TimeProvider clock, int sensors) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(10);

    private IEnumerable<ISensorGrain> Sensors => Enumerable.Range(1, sensors).Select(id => grains.GetGrain<ISensorGrain>(id));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(Sensors.Select(sensor => sensor.StopSimulation()));
        await producer.FlushAsync(cancellationToken);
        var started = clock.GetTimestamp();
        while (!(producer.IsIdle && ingest.GetStatus().HasTaken(producer.LastOffsets)) && clock.GetElapsedTime(started) < CatchUpTimeout)
        {
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await Task.WhenAll(Sensors.Select(sensor => sensor.StartSimulation()));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
