using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>message_versions</c> in PostgreSQL.</summary>
internal sealed class PostgresMessageVersions(NpgsqlDataSource dataSource, string store) : IMessageVersions
{
    /// <summary>Another silo that adds a version at the same time takes the number; the statement fails then and is repeated.</summary>
    private const string Add =
        """
        INSERT INTO message_versions (topic_id, partition, version, first_offset, settled_offset, meaning)
        SELECT $1, $2, coalesce(max(v.version), 0) + 1, $3, $4, $5
        FROM message_versions AS v
        WHERE v.topic_id = $1 AND v.partition = $2
        HAVING NOT EXISTS (
            SELECT FROM message_versions AS last
            WHERE last.topic_id = $1 AND last.partition = $2 AND last.version = max(v.version)
                AND last.meaning = $5 AND last.first_offset <= $3)
        """;

    public Task AddAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(Add);
            command.Parameters
                .Add(NpgsqlDbType.Uuid, source.TopicId).Add(NpgsqlDbType.Integer, source.Partition)
                .Add(NpgsqlDbType.Bigint, version.FirstOffset).Add(NpgsqlDbType.Bigint, version.SettledOffset)
                .Add(NpgsqlDbType.Text, version.Meaning);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<(int Partition, MessageVersion Version)>> ReadAsync(
        Guid topicId, CancellationToken cancellationToken) => PostgresErrors.GuardAsync<IReadOnlyList<(int, MessageVersion)>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(MessageVersionStatements.Read);
            command.Parameters.Add(NpgsqlDbType.Uuid, topicId);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var versions = new List<(int, MessageVersion)>();
            while (await reader.ReadAsync(cancellationToken))
            {
                versions.Add((reader.GetInt32(0), new(reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3))));
            }

            return versions;
        },
        cancellationToken);
}
