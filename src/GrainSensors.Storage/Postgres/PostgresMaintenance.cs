using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The days that have a partition: those to come are created, those past the retention go.</summary>
internal sealed partial class PostgresMaintenance(NpgsqlDataSource dataSource, RetentionPolicy policy, ILogger logger)
{
    private readonly PostgresPartitions _partitions = new(dataSource);

    public async Task<MaintenanceReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await UpkeepLock.TryTakeAsync(dataSource, cancellationToken);
        if (held is null)
        {
            return MaintenanceReport.Nothing;
        }

        var created = await EnsurePartitionsAsync(cancellationToken);
        if (policy.KeepsEverything)
        {
            return MaintenanceReport.Nothing with { Created = created };
        }

        var report = await new PostgresRetention(dataSource, _partitions).RemoveAsync(policy.Cutoff, cancellationToken);
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

    public Task<List<DateOnly>> MissingDaysAsync(CancellationToken cancellationToken) =>
        _partitions.MissingAsync(policy.FirstDay, policy.LastDay, cancellationToken);

    /// <summary>To be called under the <see cref="UpkeepLock"/>.</summary>
    /// <returns>The names of the partitions that were created.</returns>
    public async Task<IReadOnlyList<string>> EnsurePartitionsAsync(CancellationToken cancellationToken)
    {
        var missing = await MissingDaysAsync(cancellationToken);
        if (missing.Count == 0)
        {
            return [];
        }

        await _partitions.CreateAsync(missing, cancellationToken);
        LogCreated(logger, missing.Count, missing[0], missing[^1]);
        return missing.ConvertAll(PostgresPartitions.NameOf);
    }

    [LoggerMessage(2001, LogLevel.Information, "Created {Count} daily partitions of sensor_windows, from {First} to {Last}")]
    private static partial void LogCreated(ILogger logger, int count, DateOnly first, DateOnly last);

    [LoggerMessage(2002, LogLevel.Information, "Dropped the partition {Name}: all its windows ended before {FirstDay}, past the retention")]
    private static partial void LogDropped(ILogger logger, string name, DateOnly firstDay);

    [LoggerMessage(2003, LogLevel.Information, "Deleted {Rows} window rows and {Checkpoints} checkpoints from before {FirstDay}, past the retention")]
    private static partial void LogDeleted(ILogger logger, long rows, long checkpoints, DateOnly firstDay);
}
