using System.Globalization;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The partitions of the table <c>windows</c>: by period, and within a period by UTC day.</summary>
internal sealed class PostgresPartitions(NpgsqlDataSource dataSource)
{
    /// <summary>Days created in one transaction, and so under one lock; each further day costs more than the one before.</summary>
    private const int DaysAtOnce = 25;

    private const string List =
        """
        SELECT substring(pg_get_expr(p.relpartbound, p.oid) FROM '''(.*)''') AS period,
            to_date(substring(c.relname FROM '_(\d{8})$'), 'YYYYMMDD') AS day
        FROM pg_inherits AS i
        JOIN pg_class AS p ON p.oid = i.inhrelid
        JOIN pg_inherits AS j ON j.inhparent = p.oid
        JOIN pg_class AS c ON c.oid = j.inhrelid
        WHERE i.inhparent = to_regclass(quote_ident(current_schema()) || '.windows')
        ORDER BY period, day
        """;

    /// <returns>The partitions in order; none if the table does not exist yet.</returns>
    public async Task<IReadOnlyList<WindowPartition>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(List);
        var partitions = new List<WindowPartition>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            partitions.Add(new(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateOnly>(1)));
        }

        return partitions;
    }

    /// <returns>The partitions of the days that are kept whose windows are in the default partition of their period.</returns>
    public async Task<List<WindowPartition>> InDefaultAsync(
        IReadOnlyList<WindowPartition> existing, RetentionPolicy policy, CancellationToken cancellationToken)
    {
        var found = new List<WindowPartition>();
        foreach (var partition in existing.Where(partition => partition.Day is null))
        {
            await using var command = dataSource.CreateCommand(
                $"""
                SELECT DISTINCT (window_start AT TIME ZONE 'UTC')::date FROM {partition.Name}
                WHERE window_start >= {Bound(policy.FirstDay(partition.Period))} AND window_start < {Bound(policy.LastDay.AddDays(1))}
                """);
            command.CommandTimeout = 0;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(partition with { Day = reader.GetFieldValue<DateOnly>(0) });
            }
        }

        return found;
    }

    /// <returns>The configured period; that of a new database if the table does not exist yet.</returns>
    public async Task<string> ConfiguredPeriodAsync(CancellationToken cancellationToken)
    {
        await using var table = dataSource.CreateCommand("SELECT to_regclass('window_period') IS NOT NULL");
        if (await table.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return Core.Windows.Period.Default.ToString();
        }

        await using var command = dataSource.CreateCommand("SELECT period FROM window_period");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Creates the partition of the period and those of the days, unless they exist, and moves their rows out of the default
    /// partition.
    /// </summary>
    /// <remarks>A function of the owner does it, so that the role of a silo need not own the tables.</remarks>
    /// <param name="days">The days to create.</param>
    /// <param name="attempts">The number of attempts to take the lock, which a long read may hold.</param>
    public async Task CreateAsync(string period, IReadOnlyList<DateOnly> days, int attempts, CancellationToken cancellationToken)
    {
        foreach (var chunk in days.Count == 0 ? [[]] : days.Chunk(DaysAtOnce))
        {
            await LockTimeoutRetry.RunAsync(
                dataSource,
                async connection =>
                {
                    await using var command = new NpgsqlCommand("SELECT create_window_partitions($1, $2)", connection)
                    {
                        CommandTimeout = 0,
                    };
                    command.Parameters.Add(NpgsqlDbType.Text, period).AddArray(NpgsqlDbType.Date, chunk);
                    return await command.ExecuteNonQueryAsync(cancellationToken);
                },
                attempts,
                cancellationToken);
        }
    }

    private static string Bound(DateOnly day) => $"'{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 00:00:00+00'";
}
