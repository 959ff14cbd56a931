using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>checkpoints</c> in PostgreSQL.</summary>
internal sealed class PostgresCheckpoints(NpgsqlDataSource dataSource, PostgresLife life, TimeProvider clock)
{
    // The life is compared in the statement itself: a pooler may have given it to another server than the one before.
    private const string Insert =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), written AS (
            INSERT INTO checkpoints (topic_id, partition, next_offset, stream_time, open_from, updated_at, epochs, token, judged_from)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $10 FROM life WHERE life.id = $9
            ON CONFLICT DO NOTHING
            RETURNING token)
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    private const string Update =
        $"""
        {Replace})
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    private const string UpdateAndRemoveRefusals =
        $"""
        {Replace}),
        removed AS (
            DELETE FROM refusals AS r USING written
            WHERE r.topic_id = $1 AND r.partition = $2 AND (r.log_offset < $12 OR r.incarnation <> $13))
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    private const string Replace =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), written AS (
            UPDATE checkpoints
            SET next_offset = $3, stream_time = $4, open_from = $5, updated_at = $6, epochs = $7, token = $8, judged_from = $10
            FROM life
            WHERE topic_id = $1 AND partition = $2 AND token = ANY ($11) AND life.id = $9
            RETURNING token
        """;

    public async Task<Checkpoint?> ReadAsync(SourceId source, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT store_life(), next_offset, stream_time, coalesce(open_from, 'infinity'), epochs, token,
                coalesce(judged_from, updated_at - interval '5 minutes')
            FROM (SELECT) AS always LEFT JOIN checkpoints ON topic_id = $1 AND partition = $2
            """);
        command.Parameters.Add(NpgsqlDbType.Uuid, source.TopicId).Add(NpgsqlDbType.Integer, source.Partition);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var found = life.Found(reader.GetGuid(0));
        if (await reader.IsDBNullAsync(1, cancellationToken))
        {
            return null;
        }

        return new(source, reader.GetInt64(1), PostgresWindowRows.ReadTime(reader, 2), PostgresWindowRows.ReadTime(reader, 3))
        {
            Epochs = await reader.IsDBNullAsync(4, cancellationToken) ? null : LeaderEpochs.Parse(reader.GetString(4)),
            Token = reader.GetInt64(5),
            JudgedFrom = PostgresWindowRows.ReadTime(reader, 6),
            Life = found,
        };
    }

    /// <inheritdoc cref="Windows.IWindowStore.WriteCheckpointAsync"/>
    public async Task<bool> WriteAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var isFirst = checkpoint.Replaces.Count == 0;
        await using var command = dataSource.CreateCommand(
            isFirst ? Insert : checkpoint.RemovesRefusalsBelow is not null ? UpdateAndRemoveRefusals : Update);
        command.Parameters
            .Add(NpgsqlDbType.Uuid, checkpoint.Source.TopicId)
            .Add(NpgsqlDbType.Integer, checkpoint.Source.Partition)
            .Add(NpgsqlDbType.Bigint, checkpoint.NextOffset)
            .AddTime(checkpoint.StreamTime)
            .Add(NpgsqlDbType.TimestampTz, checkpoint.OpenFrom == long.MaxValue ? null : (long?)PostgresTime.ToRaw(checkpoint.OpenFrom))
            .AddTime(EpochTime.Now(clock))
            .Add(NpgsqlDbType.Text, checkpoint.Epochs?.ToString())
            .Add(NpgsqlDbType.Bigint, checkpoint.Token)
            .Add(NpgsqlDbType.Uuid, checkpoint.Life)
            .AddTime(checkpoint.JudgedFrom);
        if (!isFirst)
        {
            command.Parameters.AddArray(NpgsqlDbType.Bigint, checkpoint.Replaces.ToArray());
            if (checkpoint.RemovesRefusalsBelow is { } below)
            {
                command.Parameters.Add(NpgsqlDbType.Bigint, below).Add(NpgsqlDbType.Integer, checkpoint.Source.Incarnation);
            }
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        life.Found(reader.GetGuid(0));
        return reader.GetBoolean(1);
    }
}
