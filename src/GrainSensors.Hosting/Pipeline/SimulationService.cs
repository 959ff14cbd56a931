using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Producing;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>
/// Starts the simulated sensors, and starts one again after its grain was deactivated. It stops them before the silo stops, and
/// waits until the windows have their readings: the embedded broker loses all readings when the process ends.
/// </summary>
/// <param name="before">Ends before the sensors start; null: they start at once.</param>
internal sealed class SimulationService(
    IGrainFactory grains,
    IngestService ingest,
    ReadingProducer producer,
    TimeProvider clock,
    int sensors,
    Func<CancellationToken, Task>? before = null) : BackgroundService
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
        if (before is not null)
        {
            await before(stoppingToken);
        }

        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await StartAsync();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task StartAsync()
    {
        try
        {
            await Task.WhenAll(Sensors.Select(sensor => sensor.StartSimulation()));
        }
        catch (WindowStoreUnavailableException)
        {
            // The registry is away, as the status says. Those that run go on, the others start when it is back.
        }
    }
}
