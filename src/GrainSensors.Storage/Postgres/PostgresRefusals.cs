using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>refusals</c> in PostgreSQL.</summary>
internal sealed class PostgresRefusals(NpgsqlDataSource dataSource, PostgresLife life)
{
    // The lock keeps the checkpoint until the refusals are committed. Its next owner writes it first and then reads them all.
    private const string Insert =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), owned AS MATERIALIZED (
            SELECT c.topic_id, c.partition
            FROM checkpoints AS c CROSS JOIN life
            WHERE c.topic_id = $1 AND c.partition = $2 AND c.token = ANY ($4) AND life.id = $5
            FOR SHARE OF c),
        written AS (
            INSERT INTO refusals (topic_id, partition, incarnation, log_offset, message_index, reason, refused_at)
            SELECT owned.topic_id, owned.partition, $3, r.log_offset, r.message_index, r.reason, r.refused_at
            FROM owned CROSS JOIN unnest($6, $7, $8, $9) AS r (log_offset, message_index, reason, refused_at)
            ON CONFLICT DO NOTHING)
        SELECT life.id, EXISTS (SELECT FROM owned) FROM life
        """;

    public async Task<IReadOnlyList<Refusal>> ReadAsync(SourceId source, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT log_offset, message_index, reason, refused_at FROM refusals
            WHERE topic_id = $1 AND partition = $2 AND incarnation = $3
            """);
        AddSource(command, source);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var refusals = new List<Refusal>();
        while (await reader.ReadAsync(cancellationToken))
        {
            refusals.Add(new(
                reader.GetInt64(0), reader.GetInt32(1), RejectReasons.Parse(reader.GetString(2)), PostgresWindowRows.ReadTime(reader, 3)));
        }

        return refusals;
    }

    /// <inheritdoc cref="Windows.IWindowStore.WriteRefusalsAsync"/>
    public async Task<bool> WriteAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid ownLife, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Insert);
        AddSource(command, source)
            .AddArray(NpgsqlDbType.Bigint, tokens.ToArray())
            .Add(NpgsqlDbType.Uuid, ownLife)
            .AddArray(NpgsqlDbType.Bigint, refusals.Select(refusal => refusal.Offset).ToArray())
            .AddArray(NpgsqlDbType.Integer, refusals.Select(refusal => refusal.Index).ToArray())
            .AddArray(NpgsqlDbType.Text, refusals.Select(refusal => refusal.Reason.ToToken()).ToArray())
            .AddArray(NpgsqlDbType.TimestampTz, refusals.Select(refusal => PostgresTime.ToRaw(refusal.RefusedAt)).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        life.Found(reader.GetGuid(0));
        return reader.GetBoolean(1);
    }

    private static NpgsqlParameterCollection AddSource(NpgsqlCommand command, SourceId source) => command.Parameters
        .Add(NpgsqlDbType.Uuid, source.TopicId)
        .Add(NpgsqlDbType.Integer, source.Partition)
        .Add(NpgsqlDbType.Integer, source.Incarnation);
}
