using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>message_versions</c> in SQLite.</summary>
internal sealed class SqliteMessageVersions(SqliteAccess access) : IMessageVersions
{
    public Task AddAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = MessageVersionStatements.Add;
            command.Parameters.AddWithValue("$1", source.TopicId.ToString());
            command.Parameters.AddWithValue("$2", source.Partition);
            command.Parameters.AddWithValue("$3", version.FirstOffset);
            command.Parameters.AddWithValue("$4", version.SettledOffset);
            command.Parameters.AddWithValue("$5", version.Meaning);
            return command.ExecuteNonQuery();
        },
        cancellationToken);

    public Task<IReadOnlyList<(int Partition, MessageVersion Version)>> ReadAsync(
        Guid topicId, CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<(int, MessageVersion)>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = MessageVersionStatements.Read;
            command.Parameters.AddWithValue("$1", topicId.ToString());
            using var reader = command.ExecuteReader();
            var versions = new List<(int, MessageVersion)>();
            while (reader.Read())
            {
                versions.Add((reader.GetInt32(0), new(reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3))));
            }

            return versions;
        },
        cancellationToken);
}
