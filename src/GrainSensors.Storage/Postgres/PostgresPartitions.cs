using System.Globalization;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The partitions of <c>sensor_windows</c>, one for each UTC day: <c>sensor_windows_20261124</c>.</summary>
internal sealed class PostgresPartitions(NpgsqlDataSource dataSource)
{
    private const string Prefix = "sensor_windows_";
    private const string DayFormat = "yyyyMMdd";

    /// <summary>Days created in one transaction, and so under one lock; each further day costs more than the one before.</summary>
    private const int DaysAtOnce = 25;

    public static string NameOf(DateOnly day) => Prefix + day.ToString(DayFormat, CultureInfo.InvariantCulture);

    private const string List =
        """
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass('sensor_windows') ORDER BY c.relname
        """;

    /// <returns>The days that have a partition, in order; none if the table does not exist yet.</returns>
    public async Task<List<DateOnly>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ListAsync(connection, cancellationToken);
    }

    private static async Task<List<DateOnly>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(List, connection);
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var suffix = reader.GetString(0).AsSpan(Prefix.Length);
            if (DateOnly.TryParseExact(suffix, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                days.Add(day);
            }
        }

        return days;
    }

    /// <returns>The days from the first to the last whose windows are in the default partition.</returns>
    public async Task<List<DateOnly>> DaysInDefaultAsync(DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT to_regclass('sensor_windows_default') IS NOT NULL", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true
            ? [.. await DaysInDefaultAsync(connection, first, last, cancellationToken)]
            : [];
    }

    /// <summary>
    /// Creates the missing partitions and moves their rows out of the default partition. Partitions that another process creates
    /// concurrently count as existing.
    /// </summary>
    /// <param name="days">The days to create.</param>
    /// <param name="attempts">The number of attempts to take the lock, which a long read may hold.</param>
    public async Task CreateAsync(IReadOnlyList<DateOnly> days, int attempts, CancellationToken cancellationToken)
    {
        foreach (var chunk in days.Chunk(DaysAtOnce))
        {
            await LockTimeoutRetry.RunAsync(
                dataSource,
                async connection =>
                {
                    // Only the parent is locked: every reader and writer of windows locks the parent before a partition.
                    await connection.ExecuteAsync("LOCK TABLE ONLY sensor_windows IN ACCESS EXCLUSIVE MODE", cancellationToken);
                    var missing = chunk.Except(await ListAsync(connection, cancellationToken)).ToList();
                    if (missing.Count == 0)
                    {
                        return 0;
                    }

                    var filled = await DaysInDefaultAsync(connection, missing[0], missing[^1], cancellationToken);
                    await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
                    foreach (var statement in missing.SelectMany(day => StatementsFor(day, filled.Contains(day))))
                    {
                        batch.BatchCommands.Add(new(statement));
                    }

                    return await batch.ExecuteNonQueryAsync(cancellationToken);
                },
                attempts,
                cancellationToken);
        }
    }

    private static async Task<HashSet<DateOnly>> DaysInDefaultAsync(
        NpgsqlConnection connection, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT DISTINCT (window_start AT TIME ZONE 'UTC')::date FROM sensor_windows_default
            WHERE window_start >= {Bound(first)} AND window_start < {Bound(last.AddDays(1))}
            """,
            connection)
        { CommandTimeout = 0 };
        var days = new HashSet<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            days.Add(reader.GetFieldValue<DateOnly>(0));
        }

        return days;
    }

    /// <remarks>
    /// PostgreSQL refuses to create a partition while the default partition holds rows of its day. Such a day is filled as a
    /// separate table and then attached. Without such rows the direct way takes half the time.
    /// </remarks>
    private static IEnumerable<string> StatementsFor(DateOnly day, bool hasRowsInDefault)
    {
        var (name, from, to) = (NameOf(day), Bound(day), Bound(day.AddDays(1)));
        if (!hasRowsInDefault)
        {
            yield return $"CREATE TABLE {name} PARTITION OF sensor_windows FOR VALUES FROM ({from}) TO ({to}) WITH (fillfactor = 60)";
            yield break;
        }

        yield return $"CREATE TABLE {name} (LIKE sensor_windows INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = 60)";
        yield return
            $"""
            WITH moved AS (DELETE FROM sensor_windows_default WHERE window_start >= {from} AND window_start < {to} RETURNING *)
            INSERT INTO {name} SELECT * FROM moved
            """;
        yield return $"ALTER TABLE sensor_windows ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to})";
    }

    private static string Bound(DateOnly day) => $"'{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 00:00:00+00'";
}
