using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>
/// Starts the simulated sensors, and starts one again after its grain was deactivated. It stops them before the silo stops, and
/// waits until the windows have their readings: the embedded broker loses all readings when the process ends.
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
