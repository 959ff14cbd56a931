using System.Globalization;
using Npgsql;
using NpgsqlTypes;

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
        await using var command = dataSource.CreateCommand(List);
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
    /// <remarks>A function of the owner does it, so that the role of a silo need not own the tables.</remarks>
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
                    await using var command = new NpgsqlCommand("SELECT create_window_partitions($1)", connection) { CommandTimeout = 0 };
                    command.Parameters.Add(new() { Value = chunk, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date });
                    return await command.ExecuteNonQueryAsync(cancellationToken);
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

    private static string Bound(DateOnly day) => $"'{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 00:00:00+00'";
}
