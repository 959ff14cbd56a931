using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Maintenance;

/// <summary>Every hour: room in the store for the days to come, and away with what is past retention.</summary>
internal sealed partial class StoreMaintenance(IStore store, MonitorSettings monitor, TimeProvider clock, ILogger<StoreMaintenance> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                Log(await store.MaintainAsync(stoppingToken));
                if (monitor.Retention != Timeout.InfiniteTimeSpan)
                {
                    await store.Alerts.RemoveAsync(EpochTime.From(clock.GetUtcNow() - monitor.Retention), stoppingToken);
                }
            }
            catch (WindowStoreUnavailableException e)
            {
                LogFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Log(MaintenanceReport report)
    {
        if (report.Dropped.Count > 0 || report.DeletedRows > 0)
        {
            LogRemoved(logger, report.DeletedRows, report.Dropped.Count, string.Join(", ", report.Dropped));
        }
    }

    [LoggerMessage(4002, LogLevel.Information, "Past retention: deleted {Rows} window rows, dropped {Count} days with all their rows {Days}")]
    private static partial void LogRemoved(ILogger logger, long rows, int count, string days);

    [LoggerMessage(4001, LogLevel.Warning, "Maintenance of the store is tried again in an hour: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
