using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>message_versions</c> in SQLite.</summary>
internal sealed class SqliteMessageVersions(SqliteAccess access) : IMessageVersions
{
    public Task BeginAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            Execute(MessageVersionStatements.Remove);
            var begun = Execute(
                MessageVersionStatements.Begin, ("$3", version.FirstOffset), ("$4", version.SettledOffset), ("$5", version.Meaning));
            transaction.Commit();
            return begun;

            int Execute(string sql, params (string Name, object Value)[] values)
            {
                using var command = CommandOf(session.Connection, sql, source, values);
                command.Transaction = transaction;
                return command.ExecuteNonQuery();
            }
        },
        cancellationToken);

    public Task AddAsync(
        SourceId source, MessageVersion version, long? token, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = CommandOf(
                session.Connection, MessageVersionStatements.Add, source,
                [
                    ("$3", version.FirstOffset), ("$4", version.SettledOffset), ("$5", version.Meaning),
                    ("$6", (object?)token ?? DBNull.Value),
                ]);
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

    private static SqliteCommand CommandOf(
        SqliteConnection connection, string sql, SourceId source, IEnumerable<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$1", source.TopicId.ToString());
        command.Parameters.AddWithValue("$2", source.Partition);
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
