using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>message_versions</c> in PostgreSQL.</summary>
internal sealed class PostgresMessageVersions(NpgsqlDataSource dataSource, string store) : IMessageVersions
{
    public Task BeginAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var batch = dataSource.CreateBatch();
            var remove = new NpgsqlBatchCommand(MessageVersionStatements.Remove);
            remove.Parameters.Add(NpgsqlDbType.Uuid, source.TopicId).Add(NpgsqlDbType.Integer, source.Partition);
            batch.BatchCommands.Add(remove);
            var begin = new NpgsqlBatchCommand(MessageVersionStatements.Begin);
            Fill(begin.Parameters, source, version);
            batch.BatchCommands.Add(begin);
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task AddAsync(
        SourceId source, MessageVersion version, long? token, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(MessageVersionStatements.Add);
            Fill(command.Parameters, source, version).Add(NpgsqlDbType.Bigint, (object?)token ?? DBNull.Value);
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

    private static NpgsqlParameterCollection Fill(NpgsqlParameterCollection parameters, SourceId source, MessageVersion version) =>
        parameters.Add(NpgsqlDbType.Uuid, source.TopicId).Add(NpgsqlDbType.Integer, source.Partition)
            .Add(NpgsqlDbType.Bigint, version.FirstOffset).Add(NpgsqlDbType.Bigint, version.SettledOffset)
            .Add(NpgsqlDbType.Text, version.Meaning);
}
