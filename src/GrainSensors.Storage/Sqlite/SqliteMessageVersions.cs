using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>message_versions</c> in SQLite.</summary>
internal sealed class SqliteMessageVersions(SqliteAccess access, TimeProvider clock) : IMessageVersions
{
    private const string Add =
        """
        INSERT INTO message_versions (topic_id, partition, version, first_offset, settled_offset, meaning, added_at)
        SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6
        FROM message_versions AS v
        WHERE topic_id = $1 AND partition = $2
        HAVING NOT EXISTS (
            SELECT 1 FROM message_versions AS last
            WHERE last.topic_id = $1 AND last.partition = $2 AND last.version = max(v.version)
                AND last.meaning = $5 AND last.first_offset <= $3)
        """;

    public Task AddAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = Add;
            command.Parameters.AddWithValue("$1", source.TopicId.ToString());
            command.Parameters.AddWithValue("$2", source.Partition);
            command.Parameters.AddWithValue("$3", version.FirstOffset);
            command.Parameters.AddWithValue("$4", version.SettledOffset);
            command.Parameters.AddWithValue("$5", version.Meaning);
            command.Parameters.AddWithValue("$6", EpochTime.Now(clock));
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
