using GrainSensors.Contracts.Alerts;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Notifications;

/// <summary>Keeps the cluster's notifier going: starts it, and again should its silo have died.</summary>
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
                // A silo that is just dying had it; the next call finds another one.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
