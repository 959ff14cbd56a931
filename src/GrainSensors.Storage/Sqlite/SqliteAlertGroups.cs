using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The tables <c>alert_groups</c> and <c>alert_group_members</c> in SQLite.</summary>
internal sealed class SqliteAlertGroups(SqliteAccess access, TimeProvider clock) : IAlertGroupStore
{
    private const string Select = $"SELECT {AlertGroupColumns.Names} FROM alert_groups AS g";
    private const int ConstraintFailed = 19;

    private const string Upsert =
        $"""
        INSERT INTO alert_groups AS g ({AlertGroupColumns.Names})
        VALUES ($id, $key, $route, $labels, $revision, $messages, $told, $created, $flushed, $due, $repeat, $step, $step_at, $next, $closed)
        ON CONFLICT (group_id) DO UPDATE SET {AlertGroupColumns.Changes} WHERE g.revision = excluded.revision - 1
        """;

    public async Task<AlertGroup?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await QueryAsync($"{Select} WHERE group_id = $id", cancellationToken, ("$id", id.ToString()))).SingleOrDefault();

    public Task<IReadOnlyList<AlertGroup>> FindOpenAsync(
        IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => QueryAsync(
        $"{Select} WHERE group_key IN (SELECT value FROM json_each($keys)) AND closed_at IS NULL",
        cancellationToken,
        ("$keys", JsonSerializer.Serialize(keys)));

    public Task<IReadOnlyList<AlertGroup>> FindOfAlertsAsync(IReadOnlyCollection<Guid> alertIds, CancellationToken cancellationToken) =>
        QueryAsync(
            $"""
            {Select} WHERE group_id IN (
                SELECT m.group_id FROM alert_group_members AS m WHERE m.alert_id IN (SELECT value FROM json_each($alerts)))
            """,
            cancellationToken,
            ("$alerts", JsonSerializer.Serialize(alertIds)));

    public Task<IReadOnlyList<AlertGroup>> ReadDueAsync(int limit, CancellationToken cancellationToken) => QueryAsync(
        $"{Select} WHERE closed_at IS NULL AND next_at <= $now ORDER BY next_at, group_id LIMIT $limit",
        cancellationToken,
        ("$now", EpochTime.Now(clock)),
        ("$limit", limit));

    public Task<bool> WriteAsync(
        IReadOnlyCollection<AlertGroup> groups, IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                try
                {
                    foreach (var group in groups)
                    {
                        if (WriteGroup(session.Connection, group) == 0)
                        {
                            return false;
                        }
                    }
                }
                catch (SqliteException e) when (e.SqliteErrorCode == ConstraintFailed)
                {
                    return false; // another process has opened a group of this key
                }

                WriteMembers(session.Connection, groups);
                SqliteNotifications.Add(session.Connection, notifications, EpochTime.Now(clock));
                transaction.Commit();
                return true;
            },
            cancellationToken);

    private static int WriteGroup(SqliteConnection connection, AlertGroup group)
    {
        using var command = Command(
            connection,
            Upsert,
            ("$id", group.Id.ToString()),
            ("$key", group.Key),
            ("$route", group.Route),
            ("$labels", AlertGroupColumns.Json(group.Labels)),
            ("$revision", group.Revision + 1),
            ("$messages", group.Messages),
            ("$told", AlertGroupColumns.Json(group.Told)),
            ("$created", group.CreatedAt),
            ("$flushed", group.FlushedAt),
            ("$due", group.DueAt),
            ("$repeat", group.RepeatAt),
            ("$step", group.Step),
            ("$step_at", group.StepAt),
            ("$next", group.NextAt),
            ("$closed", group.ClosedAt));
        return command.ExecuteNonQuery();
    }

    private static void WriteMembers(SqliteConnection connection, IEnumerable<AlertGroup> groups)
    {
        using var command = Command(
            connection,
            """
            INSERT INTO alert_group_members AS m (group_id, alert_id, occurrence, state, since)
            VALUES ($group, $alert, $occurrence, $state, $since)
            ON CONFLICT (group_id, alert_id) DO UPDATE SET occurrence = excluded.occurrence, state = excluded.state, since = excluded.since
            WHERE m.occurrence <> excluded.occurrence OR m.state <> excluded.state OR m.since IS NOT excluded.since
            """,
            ("$group", null), ("$alert", null), ("$occurrence", null), ("$state", null), ("$since", null));
        foreach (var group in groups)
        {
            foreach (var (alert, member) in group.Members)
            {
                command.Parameters["$group"].Value = group.Id.ToString();
                command.Parameters["$alert"].Value = alert.ToString();
                command.Parameters["$occurrence"].Value = member.Occurrence;
                command.Parameters["$state"].Value = (int)member.State;
                command.Parameters["$since"].Value = (object?)member.Since ?? DBNull.Value;
                command.ExecuteNonQuery();
            }
        }
    }

    private Task<IReadOnlyList<AlertGroup>> QueryAsync(
        string sql, CancellationToken cancellationToken, params (string, object?)[] values) =>
        access.ReadAsync<IReadOnlyList<AlertGroup>>(
            session =>
            {
                var groups = new List<AlertGroup>();
                using var command = Command(session.Connection, sql, values);
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    groups.Add(Read(reader));
                }

                return groups.ConvertAll(group => group with { Members = ReadMembers(session.Connection, group.Id) });
            },
            cancellationToken);

    private static Dictionary<Guid, GroupMember> ReadMembers(SqliteConnection connection, Guid group)
    {
        using var command = Command(
            connection,
            "SELECT alert_id, occurrence, state, since FROM alert_group_members WHERE group_id = $group",
            ("$group", group.ToString()));
        var members = new Dictionary<Guid, GroupMember>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            members.Add(
                Guid.Parse(reader.GetString(0)),
                new(reader.GetInt32(1), (GroupMemberState)reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetInt32(3)));
        }

        return members;
    }

    private static AlertGroup Read(SqliteDataReader reader)
    {
        return new(
            Guid.Parse(reader.GetString(0)), reader.GetString(1), reader.GetString(2), AlertGroupColumns.Labels(reader.GetString(3)),
            reader.GetInt64(7))
        {
            Revision = reader.GetInt32(4),
            Messages = reader.GetInt32(5),
            Told = AlertGroupColumns.Contacts(reader.GetString(6)),
            FlushedAt = Time(8),
            DueAt = Time(9),
            RepeatAt = Time(10),
            Step = reader.GetInt32(11),
            StepAt = Time(12),
            NextAt = Time(13),
            ClosedAt = Time(14),
        };

        long? Time(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
