using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables <c>alert_groups</c> and <c>alert_group_members</c> in PostgreSQL.</summary>
internal sealed class PostgresAlertGroups(NpgsqlDataSource dataSource, string store, TimeProvider clock) : IAlertGroupStore
{
    private const string Select = $"SELECT {AlertGroupColumns.Names} FROM alert_groups AS g";

    private const string Upsert =
        $"""
        INSERT INTO alert_groups AS g ({AlertGroupColumns.Names})
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (group_id) DO UPDATE SET {AlertGroupColumns.Changes} WHERE g.revision = excluded.revision - 1
        """;

    private const string UpsertMembers =
        """
        INSERT INTO alert_group_members AS m (group_id, alert_id, occurrence, state, since)
        SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (group_id, alert_id) DO UPDATE SET occurrence = excluded.occurrence, state = excluded.state, since = excluded.since
        WHERE (m.occurrence, m.state, m.since) IS DISTINCT FROM (excluded.occurrence, excluded.state, excluded.since)
        """;

    private readonly PostgresStatements _statements = new(dataSource, store);

    public async Task<AlertGroup?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await QueryAsync(
            $"{Select} WHERE group_id = $1", parameters => parameters.Add(NpgsqlDbType.Uuid, id), cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<AlertGroup>> FindOpenAsync(
        IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => QueryAsync(
        $"{Select} WHERE group_key = ANY ($1) AND closed_at IS NULL",
        parameters => parameters.AddArray(NpgsqlDbType.Text, keys.ToArray()),
        cancellationToken);

    public Task<IReadOnlyList<AlertGroup>> FindOfAlertsAsync(IReadOnlyCollection<Guid> alertIds, CancellationToken cancellationToken) =>
        QueryAsync(
            $"{Select} WHERE group_id IN (SELECT m.group_id FROM alert_group_members AS m WHERE m.alert_id = ANY ($1))",
            parameters => parameters.AddArray(NpgsqlDbType.Uuid, alertIds.ToArray()),
            cancellationToken);

    public Task<IReadOnlyList<AlertGroup>> ReadDueAsync(int limit, CancellationToken cancellationToken) => QueryAsync(
        $"{Select} WHERE closed_at IS NULL AND next_at <= $1 ORDER BY next_at, group_id LIMIT $2",
        parameters => parameters.AddTime(EpochTime.Now(clock)).Add(NpgsqlDbType.Integer, limit),
        cancellationToken);

    public Task<bool> WriteAsync(
        IReadOnlyCollection<AlertGroup> groups, IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                try
                {
                    var rows = groups.OrderBy(group => group.Id).ToArray();
                    if (await ExecuteAsync(connection, Upsert, parameters => AddGroups(parameters, rows), cancellationToken) < rows.Length)
                    {
                        return false;
                    }

                    await ExecuteAsync(connection, UpsertMembers, parameters => AddMembers(parameters, rows), cancellationToken);
                    await ExecuteAsync(
                        connection,
                        PostgresNotifications.Insert,
                        parameters => PostgresNotifications.AddRows(parameters, notifications, EpochTime.Now(clock)),
                        cancellationToken);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
                {
                    return false; // another process has opened a group of this key
                }

                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken);

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        fill(command.Parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddGroups(NpgsqlParameterCollection parameters, AlertGroup[] rows) => parameters
        .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.Id))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Key))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Route))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => AlertGroupColumns.Json(row.Labels)))
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Revision + 1))
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Messages))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => AlertGroupColumns.Json(row.Told)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => PostgresTime.ToRaw(row.CreatedAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.FlushedAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.DueAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.RepeatAt)))
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Step))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.StepAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.NextAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.ClosedAt)));

    private static void AddMembers(NpgsqlParameterCollection parameters, AlertGroup[] rows)
    {
        var members = rows.SelectMany(row => row.Members.Select(member => (Group: row.Id, Alert: member.Key, member.Value))).ToArray();
        parameters
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(members, member => member.Group))
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(members, member => member.Alert))
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(members, member => member.Value.Occurrence))
            .AddArray(NpgsqlDbType.Smallint, Array.ConvertAll(members, member => (short)member.Value.State))
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(members, member => member.Value.Since));
    }

    private async Task<IReadOnlyList<AlertGroup>> QueryAsync(
        string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken)
    {
        var groups = await _statements.QueryAsync(sql, fill, Read, cancellationToken);
        if (groups.Count == 0)
        {
            return groups;
        }

        var members = await _statements.QueryAsync(
            "SELECT group_id, alert_id, occurrence, state, since FROM alert_group_members WHERE group_id = ANY ($1)",
            parameters => parameters.AddArray(NpgsqlDbType.Uuid, groups.Select(group => group.Id).ToArray()),
            row => (Group: row.GetGuid(0), Alert: row.GetGuid(1), Member: new GroupMember(
                row.GetInt32(2), (GroupMemberState)row.GetInt16(3), row.IsDBNull(4) ? null : row.GetInt32(4))),
            cancellationToken);
        var ofGroup = members.ToLookup(row => row.Group);
        return [.. groups.Select(group => group with { Members = ofGroup[group.Id].ToDictionary(row => row.Alert, row => row.Member) })];
    }

    private static AlertGroup Read(NpgsqlDataReader reader)
    {
        return new(
            reader.GetGuid(0), reader.GetString(1), reader.GetString(2), AlertGroupColumns.Labels(reader.GetString(3)),
            PostgresWindowRows.ReadTime(reader, 7))
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

        long? Time(int column) => reader.IsDBNull(column) ? null : PostgresWindowRows.ReadTime(reader, column);
    }

    private static long? Raw(long? micros) => micros is { } given ? PostgresTime.ToRaw(given) : null;
}
