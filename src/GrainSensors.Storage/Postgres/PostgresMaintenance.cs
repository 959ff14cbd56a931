using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Maintains the partitions: creates those of the coming days and of days with windows in the default partition, and drops those past
/// the retention.
/// </summary>
internal sealed partial class PostgresMaintenance(
    NpgsqlDataSource dataSource, PostgresPartitions partitions, PostgresPeriods periods, RetentionPolicy policy, ILogger logger)
{
    private readonly PostgresPeriodPartitions _merged = PostgresPeriodPartitions.OfMerged(dataSource);
    private readonly PostgresPeriodPartitions _sketches = PostgresPeriodPartitions.OfSketches(dataSource);

    public async Task<MaintenanceReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await AdvisoryLock.TryTakeAsync(dataSource, AdvisoryLock.Maintenance, cancellationToken);
        if (held is null)
        {
            return MaintenanceReport.Nothing;
        }

        var created = await EnsurePartitionsAsync(cancellationToken);
        var retention = new PostgresRetention(dataSource, partitions, [_merged, _sketches], periods, policy);
        var report = await retention.RemoveAsync(cancellationToken);
        foreach (var name in report.Dropped)
        {
            LogDropped(logger, name);
        }

        if (report.DeletedRows > 0 || report.DeletedCheckpoints > 0)
        {
            LogDeleted(logger, report.DeletedRows, report.DeletedCheckpoints);
        }

        return report with { Created = created };
    }

    /// <returns>The partitions that are missing, in order.</returns>
    public async Task<List<WindowPartition>> MissingAsync(CancellationToken cancellationToken)
    {
        var existing = await partitions.ListAsync(cancellationToken);
        var wanted = await partitions.InDefaultAsync(existing, policy, cancellationToken);
        var period = await PaneAsync(cancellationToken);
        for (var day = policy.FirstReadyDay(period); day <= policy.LastDay; day = day.AddDays(1))
        {
            wanted.Add(new(period, day));
        }

        return [.. wanted.Distinct().Except(existing).OrderBy(partition => partition.Period).ThenBy(partition => partition.Day)];
    }

    /// <summary>Creates the missing partitions. The caller holds the <see cref="AdvisoryLock"/>.</summary>
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

        WindowPeriod[] sketched = policy.HasSketches ? [StoredPeriod.ParseLonger(await PaneAsync(cancellationToken))] : [];
        return
        [
            .. missing.Select(partition => partition.Name),
            .. await _merged.EnsureAsync(policy.Longer, policy.Today, cancellationToken),
            .. await _sketches.EnsureAsync(sketched, policy.Today, cancellationToken),
        ];
    }

    private async ValueTask<string> PaneAsync(CancellationToken cancellationToken) =>
        policy.Pane ?? await partitions.ConfiguredPeriodAsync(cancellationToken);

    [LoggerMessage(2001, LogLevel.Information, "Created {Count} daily partitions of the {Period} windows, from {First} to {Last}")]
    private static partial void LogCreated(ILogger logger, int count, string period, DateOnly first, DateOnly last);

    [LoggerMessage(2002, LogLevel.Information, "Dropped the partition {Name}: all its windows are past retention")]
    private static partial void LogDropped(ILogger logger, string name);

    [LoggerMessage(2003, LogLevel.Information, "Deleted {Rows} window rows and {Checkpoints} checkpoints that are past retention")]
    private static partial void LogDeleted(ILogger logger, long rows, long checkpoints);
}
