using GrainSensors.Contracts.Alerts;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Notifications;

/// <summary>Starts the notifier grain of the cluster, and starts it again after the loss of its silo.</summary>
internal sealed class NotifierService(IGrainFactory grains, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await grains.GetGrain<INotifierGrain>(0).Start();
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // The silo of the grain is lost; the next call activates the grain on another silo.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
