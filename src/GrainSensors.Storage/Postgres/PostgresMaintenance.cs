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

    /// <returns>The partitions that are missing, in order.</returns>
    public async Task<List<WindowPartition>> MissingAsync(CancellationToken cancellationToken)
    {
        var existing = await partitions.ListAsync(cancellationToken);
        var wanted = await partitions.InDefaultAsync(existing, policy.FirstDay, policy.LastDay, cancellationToken);
        var period = await partitions.ConfiguredPeriodAsync(cancellationToken);
        for (var day = policy.FirstReadyDay; day <= policy.LastDay; day = day.AddDays(1))
        {
            wanted.Add(new(period, day));
        }

        return [.. wanted.Distinct().Except(existing).OrderBy(partition => partition.Period).ThenBy(partition => partition.Day)];
    }

    /// <summary>Creates the missing partitions. The caller holds the <see cref="MaintenanceLock"/>.</summary>
    /// <returns>The names of the created partitions.</returns>
    public async Task<IReadOnlyList<string>> EnsurePartitionsAsync(CancellationToken cancellationToken)
    {
        var missing = await MissingAsync(cancellationToken);
        foreach (var period in missing.GroupBy(partition => partition.Period, partition => partition.Day!.Value))
        {
            var days = period.ToList();
            await partitions.CreateAsync(period.Key, days, LockTimeoutRetry.Attempts, cancellationToken);
            LogCreated(logger, days.Count, period.Key, days[0], days[^1]);
        }

        return missing.ConvertAll(partition => partition.Name);
    }

    [LoggerMessage(2001, LogLevel.Information, "Created {Count} daily partitions of the {Period} windows, from {First} to {Last}")]
    private static partial void LogCreated(ILogger logger, int count, string period, DateOnly first, DateOnly last);

    [LoggerMessage(2002, LogLevel.Information, "Dropped the partition {Name}: all its windows ended before {FirstDay}")]
    private static partial void LogDropped(ILogger logger, string name, DateOnly firstDay);

    [LoggerMessage(2003, LogLevel.Information, "Deleted {Rows} window rows and {Checkpoints} checkpoints from before {FirstDay}")]
    private static partial void LogDeleted(ILogger logger, long rows, long checkpoints, DateOnly firstDay);
}
