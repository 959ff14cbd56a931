using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables <c>checkpoints</c> and <c>window_period</c> in PostgreSQL.</summary>
internal sealed class PostgresCheckpoints(NpgsqlDataSource dataSource, PostgresPartitions partitions, TimeProvider clock)
{
    private const string Upsert =
        """
        INSERT INTO checkpoints AS c (topic_id, partition, next_offset, stream_time, open_from, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (topic_id, partition) DO UPDATE
        SET next_offset = excluded.next_offset, stream_time = excluded.stream_time,
            open_from = excluded.open_from, updated_at = excluded.updated_at
        WHERE c.next_offset <= excluded.next_offset
        """;

    private const string UpsertPeriod =
        """
        INSERT INTO window_period AS p (period, length) VALUES ($1, $2)
        ON CONFLICT (only_row) DO UPDATE SET period = excluded.period, length = excluded.length
        WHERE p.length <> excluded.length
        """;

    public async Task<Checkpoint?> ReadAsync(SourceId source, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT next_offset, stream_time, coalesce(open_from, 'infinity') FROM checkpoints WHERE topic_id = $1 AND partition = $2");
        command.Parameters.Add(NpgsqlDbType.Uuid, source.TopicId).Add(NpgsqlDbType.Integer, source.Partition);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(source, reader.GetInt64(0), PostgresWindowRows.ReadTime(reader, 1), PostgresWindowRows.ReadTime(reader, 2))
            : null;
    }

    public async Task WriteAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Upsert);
        command.Parameters
            .Add(NpgsqlDbType.Uuid, checkpoint.Source.TopicId)
            .Add(NpgsqlDbType.Integer, checkpoint.Source.Partition)
            .Add(NpgsqlDbType.Bigint, checkpoint.NextOffset)
            .AddTime(checkpoint.StreamTime)
            .Add(NpgsqlDbType.TimestampTz, checkpoint.OpenFrom == long.MaxValue ? null : (long?)PostgresTime.ToRaw(checkpoint.OpenFrom))
            .AddTime(EpochTime.Now(clock));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task SetPeriodAsync(Period period, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(UpsertPeriod);
        command.Parameters
            .Add(NpgsqlDbType.Text, period.ToString())
            .Add(NpgsqlDbType.Interval, TimeSpan.FromSeconds(period.TotalSeconds));
        await command.ExecuteNonQueryAsync(cancellationToken);

        // The first write of the period cannot wait for the lock.
        await partitions.CreateAsync(period.ToString(), [], LockTimeoutRetry.Attempts, cancellationToken);
    }
}
