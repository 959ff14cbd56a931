using GrainSensors.Ingest.Retrying;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Health;

/// <summary>
/// Checks the servers at an interval, so that a health request costs nothing. The interval grows while a server is unavailable. The log
/// gets one event when a server becomes unavailable and one when it is available again.
/// </summary>
internal sealed partial class DependencyMonitor(
    Dependencies dependencies, TimeProvider clock, ILogger<DependencyMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(dependencies.All.Select(dependency => WatchAsync(dependency, stoppingToken)));

    private async Task WatchAsync(Dependency dependency, CancellationToken stoppingToken)
    {
        var retry = RetryForever.Create(clock, FirstRetry, failure => Lost(dependency, failure.Message));
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                await retry.ExecuteAsync(async token => await dependency.CheckAsync(token), stoppingToken);
                Found(dependency);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private void Lost(Dependency dependency, string reason)
    {
        if (dependency.Trouble is null)
        {
            LogLost(logger, dependency.Name, reason);
        }

        dependency.Lost(reason, clock.GetUtcNow().UtcDateTime);
    }

    private void Found(Dependency dependency)
    {
        if (dependency.Trouble is not null)
        {
            LogFound(logger, dependency.Name);
        }

        dependency.Found();
    }

    [LoggerMessage(4101, LogLevel.Error, "{Name} is unavailable, so this silo is not ready: {Reason}")]
    private static partial void LogLost(ILogger logger, string name, string reason);

    [LoggerMessage(4102, LogLevel.Information, "{Name} is available")]
    private static partial void LogFound(ILogger logger, string name);
}
