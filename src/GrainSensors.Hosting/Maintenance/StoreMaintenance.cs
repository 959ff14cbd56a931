using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Maintenance;

/// <summary>Creates the store's partitions of the coming days and deletes what is past retention, every hour.</summary>
internal sealed partial class StoreMaintenance(
    IStore store, IOptions<MonitorOptions> monitor, IOptions<HttpOptions> http, TimeProvider clock, ILogger<StoreMaintenance> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (alertRetention, auditRetention) = (monitor.Value.Retention, http.Value.AuditRetention);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                Log(await store.MaintainAsync(stoppingToken));
                if (alertRetention != Timeout.InfiniteTimeSpan)
                {
                    await store.Alerts.RemoveAsync(EpochTime.From(clock.GetUtcNow() - alertRetention), stoppingToken);
                }

                if (auditRetention != Timeout.InfiniteTimeSpan)
                {
                    await store.Access.Audit.RemoveAsync(EpochTime.From(clock.GetUtcNow() - auditRetention), stoppingToken);
                }

                await store.Access.Sessions.RemoveExpiredAsync(stoppingToken);
                await store.IdempotencyKeys.RemoveExpiredAsync(stoppingToken);
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

    [LoggerMessage(4002, LogLevel.Information, "Retention: deleted window rows: {Rows}; dropped daily partitions: {Count} {Days}")]
    private static partial void LogRemoved(ILogger logger, long rows, int count, string days);

    [LoggerMessage(4001, LogLevel.Warning, "Store maintenance failed and is retried in an hour: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
