using GrainSensors.Contracts.Alerts;
using GrainSensors.Grains.Alerts;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Notifications;

/// <summary>
/// Starts the notifier grain of each receiver of alerts, and the grain of alerts about groups. Starts them again after the loss of their
/// silos.
/// </summary>
internal sealed class NotifierService(IGrainFactory grains, IEnumerable<IAlertReceiver> receivers, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await StartAsync(grains.GetGrain<IGroupGrain>(0).Start);
            foreach (var receiver in receivers)
            {
                await StartAsync(grains.GetGrain<INotifierGrain>(receiver.Key).Start);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task StartAsync(Func<Task> start)
    {
        try
        {
            await start();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The silo of the grain is lost, or of a version that does not know it; the next call tries again.
        }
    }
}
