using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Maintains the daily partitions: creates those of the coming days and of days with windows in the default partition, and drops
/// those past the retention.
/// </summary>
internal sealed partial class PostgresMaintenance(
    NpgsqlDataSource dataSource, PostgresPartitions partitions, RetentionPolicy policy, ILogger logger)
{
    public async Task<MaintenanceReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await MaintenanceLock.TryTakeAsync(dataSource, cancellationToken);
        if (held is null)
        {
            return MaintenanceReport.Nothing;
        }

        var created = await EnsurePartitionsAsync(cancellationToken);
        if (policy.KeepsEverything)
        {
            return MaintenanceReport.Nothing with { Created = created };
        }

        var report = await new PostgresRetention(dataSource, partitions).RemoveAsync(policy.Cutoff, cancellationToken);
        foreach (var name in report.Dropped)
        {
            LogDropped(logger, name, policy.FirstDay);
        }

        if (report.DeletedRows > 0 || report.DeletedCheckpoints > 0)
        {
            LogDeleted(logger, report.DeletedRows, report.DeletedCheckpoints, policy.FirstDay);
        }

        return report with { Created = created };
    }

    /// <returns>The days that need a partition, in order.</returns>
    public async Task<List<DateOnly>> MissingDaysAsync(CancellationToken cancellationToken)
    {
        var days = (await partitions.DaysInDefaultAsync(policy.FirstDay, policy.LastDay, cancellationToken)).ToHashSet();
        for (var day = policy.FirstReadyDay; day <= policy.LastDay; day = day.AddDays(1))
        {
            days.Add(day);
        }

        days.ExceptWith(await partitions.ListAsync(cancellationToken));
        return [.. days.Order()];
    }

    /// <summary>Creates the missing partitions. The caller holds the <see cref="MaintenanceLock"/>.</summary>
    /// <returns>The names of the created partitions.</returns>
    public async Task<IReadOnlyList<string>> EnsurePartitionsAsync(CancellationToken cancellationToken)
    {
        var missing = await MissingDaysAsync(cancellationToken);
        if (missing.Count == 0)
        {
            return [];
        }

        await partitions.CreateAsync(missing, LockTimeoutRetry.Attempts, cancellationToken);
        LogCreated(logger, missing.Count, missing[0], missing[^1]);
        return missing.ConvertAll(PostgresPartitions.NameOf);
    }

    [LoggerMessage(2001, LogLevel.Information, "Created {Count} daily partitions of sensor_windows, from {First} to {Last}")]
    private static partial void LogCreated(ILogger logger, int count, DateOnly first, DateOnly last);

    [LoggerMessage(2002, LogLevel.Information, "Dropped the partition {Name}: all its windows ended before {FirstDay}")]
    private static partial void LogDropped(ILogger logger, string name, DateOnly firstDay);

    [LoggerMessage(2003, LogLevel.Information, "Deleted {Rows} window rows and {Checkpoints} checkpoints from before {FirstDay}")]
    private static partial void LogDeleted(ILogger logger, long rows, long checkpoints, DateOnly firstDay);
}
