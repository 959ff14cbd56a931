using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The partitions of the tables <c>merged_windows</c> and <c>window_sketches</c>: by period, and within a period by UTC month, or by year
/// if its windows have a week or more.
/// </summary>
internal sealed class PostgresPeriodPartitions(NpgsqlDataSource dataSource, string table)
{
    private const string List =
        """
        SELECT substring(pg_get_expr(p.relpartbound, p.oid) FROM '''(.*)''') AS period, c.relname::text,
            to_date(substring(c.relname FROM '_(\d{6})$'), 'YYYYMM') AS first
        FROM pg_inherits AS i
        JOIN pg_class AS p ON p.oid = i.inhrelid AND p.relkind = 'p'
        JOIN pg_inherits AS j ON j.inhparent = p.oid
        JOIN pg_class AS c ON c.oid = j.inhrelid
        WHERE i.inhparent = to_regclass(quote_ident(current_schema()) || '.' || $1)
        ORDER BY period, first
        """;

    public static PostgresPeriodPartitions OfMerged(NpgsqlDataSource dataSource) => new(dataSource, "merged_windows");

    public static PostgresPeriodPartitions OfSketches(NpgsqlDataSource dataSource) => new(dataSource, "window_sketches");

    private sealed record Partition(string Period, string Name, DateOnly? First)
    {
        /// <summary>Exclusive.</summary>
        public DateOnly? End => First?.AddMonths(MonthsOf(StoredPeriod.ParseLonger(Period)));
    }

    /// <summary>Creates those of the present and of the next month or year.</summary>
    /// <returns>The names of the created ones.</returns>
    public async Task<IReadOnlyList<string>> EnsureAsync(
        IEnumerable<WindowPeriod> periods, DateOnly today, CancellationToken cancellationToken)
    {
        var created = new List<string>();
        foreach (var period in periods)
        {
            var months = MonthsOf(period);
            var first = months == 12 ? new DateOnly(today.Year, 1, 1) : new(today.Year, today.Month, 1);
            foreach (var start in new[] { first, first.AddMonths(months) })
            {
                if (await CreateAsync(period.ToString(), start, months, cancellationToken))
                {
                    created.Add($"{table}: {period} from {start:yyyy-MM-dd}");
                }
            }
        }

        return created;
    }

    /// <summary>Drops those whose windows are all past retention.</summary>
    /// <param name="begin">See <see cref="PostgresPeriods.BeginRemovalAsync"/>.</param>
    /// <returns>Their names, and the tables in which windows are to be deleted row by row, with the end of the last one.</returns>
    public async Task<(List<string> Dropped, List<(string Table, long Cutoff)> Others)> DropAsync(
        RetentionPolicy policy, Func<string, long, CancellationToken, Task<long>> begin, CancellationToken cancellationToken)
    {
        var (dropped, others, cutoffs) = (new List<string>(), new List<(string, long)>(), new Dictionary<string, long>());
        foreach (var partition in await ListAsync(cancellationToken))
        {
            if (policy.CutoffOf(partition.Period) is not { } latest)
            {
                continue;
            }

            if (!cutoffs.TryGetValue(partition.Period, out var cutoff))
            {
                cutoffs[partition.Period] = cutoff = await begin(partition.Period, latest, cancellationToken);
            }

            if (partition.End is null)
            {
                others.Add((partition.Name, cutoff));
            }
            else if (EpochTime.From(new DateTimeOffset(partition.End.Value.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) <= cutoff
                && await DropAsync(partition, cutoff, cancellationToken))
            {
                dropped.Add(partition.Name);
            }
        }

        if (policy.Cutoff is { } general)
        {
            // The partition of periods that have none of their own.
            others.Add(($"{table}_default", general));
        }

        return (dropped, others);
    }

    private static int MonthsOf(WindowPeriod period) => period.Size.TotalSeconds >= 7 * 86_400 ? 12 : 1;

    private async Task<List<Partition>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(List);
        command.Parameters.Add(NpgsqlDbType.Text, table);
        var partitions = new List<Partition>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            partitions.Add(new(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateOnly>(2)));
        }

        return partitions;
    }

    private Task<bool> CreateAsync(string period, DateOnly first, int months, CancellationToken cancellationToken) =>
        RunAsync(
            "SELECT create_period_partition($1, $2, $3, $4)", period, first, parameters => parameters.Add(NpgsqlDbType.Integer, months),
            cancellationToken);

    /// <remarks>Repeats the check under the lock, when no one can write.</remarks>
    private Task<bool> DropAsync(Partition partition, long cutoff, CancellationToken cancellationToken) =>
        RunAsync(
            "SELECT drop_period_partition($1, $2, $3, $4)", partition.Period, partition.First!.Value,
            parameters => parameters.AddTime(cutoff), cancellationToken);

    private Task<bool> RunAsync(
        string sql, string period, DateOnly first, Action<NpgsqlParameterCollection> add, CancellationToken cancellationToken) =>
        LockTimeoutRetry.RunAsync(
            dataSource,
            async connection =>
            {
                await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
                add(command.Parameters.Add(NpgsqlDbType.Text, table).Add(NpgsqlDbType.Text, period).Add(NpgsqlDbType.Date, first));
                return await command.ExecuteScalarAsync(cancellationToken) is true;
            },
            LockTimeoutRetry.Attempts,
            cancellationToken);
}
