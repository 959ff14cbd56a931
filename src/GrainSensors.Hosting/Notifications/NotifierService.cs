using GrainSensors.Contracts.Alerts;
using GrainSensors.Grains.Alerts;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Notifications;

/// <summary>Starts the notifier grain of each receiver of alerts, and starts it again after the loss of its silo.</summary>
internal sealed class NotifierService(IGrainFactory grains, IEnumerable<IAlertReceiver> receivers, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            foreach (var receiver in receivers)
            {
                await StartAsync(receiver);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task StartAsync(IAlertReceiver receiver)
    {
        try
        {
            await grains.GetGrain<INotifierGrain>(receiver.Key).Start();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The silo of the grain is lost, or of a version that does not know the receiver; the next call tries again.
        }
    }
}
