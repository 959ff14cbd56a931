using GrainSensors.Core.Time;
using GrainSensors.Storage.Mqtt;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The tables <c>mqtt_members</c> and <c>mqtt_slots</c> in SQLite. One process writes them, on one thread.</summary>
internal sealed class SqliteMqttSlots(SqliteAccess access, TimeProvider clock) : IMqttSlots
{
    public Task<MqttSlotShare> RenewAsync(string broker, Guid member, int count, TimeSpan lease, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction();
                var slots = Slots(session.Connection, broker, count);
                var members = RenewLease(session.Connection, broker, member, lease);
                var (taken, surplus) = SlotAssignment.Of([.. slots.Select(slot => (slot.Index, slot.Owner))], members, member);
                foreach (var slot in taken)
                {
                    Execute(
                        session.Connection, "UPDATE mqtt_slots SET member_id = $member WHERE broker = $broker AND slot = $slot",
                        ("$broker", broker), ("$member", member.ToString()), ("$slot", slot));
                }

                transaction.Commit();
                var owned = slots.Where(slot => slot.Owner == member || taken.Contains(slot.Index));
                return new MqttSlotShare(
                    [.. owned.Select(slot => new MqttSlot(slot.Index, FilterText.Split(slot.Filters)))],
                    surplus.ToHashSet(),
                    members.Count);
            },
            cancellationToken);

    public async Task<bool> SetFiltersAsync(
        string broker, Guid member, int slot, IReadOnlyList<string> filters, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            "UPDATE mqtt_slots SET filters = $filters WHERE broker = $broker AND member_id = $member AND slot = $slot",
            cancellationToken,
            ("$broker", broker), ("$member", member.ToString()), ("$slot", slot), ("$filters", FilterText.Join(filters))) == 1;

    public Task ReleaseAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE mqtt_slots SET member_id = NULL WHERE broker = $broker AND member_id = $member AND slot = $slot",
        cancellationToken,
        ("$broker", broker), ("$member", member.ToString()), ("$slot", slot));

    public Task DeleteAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM mqtt_slots WHERE broker = $broker AND member_id = $member AND slot = $slot",
        cancellationToken,
        ("$broker", broker), ("$member", member.ToString()), ("$slot", slot));

    public Task LeaveAsync(string broker, Guid member, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE mqtt_slots SET member_id = NULL WHERE broker = $broker AND member_id = $member;
        DELETE FROM mqtt_members WHERE broker = $broker AND member_id = $member
        """,
        cancellationToken,
        ("$broker", broker), ("$member", member.ToString()));

    private static List<(int Index, Guid? Owner, string Filters)> Slots(SqliteConnection connection, string broker, int count)
    {
        for (var slot = 0; slot < count; slot++)
        {
            Execute(
                connection, "INSERT INTO mqtt_slots (broker, slot) VALUES ($broker, $slot) ON CONFLICT DO NOTHING",
                ("$broker", broker), ("$slot", slot));
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT slot, member_id, filters FROM mqtt_slots WHERE broker = $broker ORDER BY slot";
        command.Parameters.AddWithValue("$broker", broker);
        var slots = new List<(int Index, Guid? Owner, string Filters)>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            slots.Add((reader.GetInt32(0), reader.IsDBNull(1) ? null : Guid.Parse(reader.GetString(1)), reader.GetString(2)));
        }

        return slots;
    }

    /// <returns>The members with a lease.</returns>
    private HashSet<Guid> RenewLease(SqliteConnection connection, string broker, Guid member, TimeSpan lease)
    {
        var now = EpochTime.Now(clock);
        Execute(
            connection,
            """
            INSERT INTO mqtt_members (broker, member_id, lease_until) VALUES ($broker, $member, $until)
            ON CONFLICT (broker, member_id) DO UPDATE SET lease_until = excluded.lease_until;
            DELETE FROM mqtt_members WHERE broker = $broker AND lease_until <= $now
            """,
            ("$broker", broker), ("$member", member.ToString()), ("$until", now + EpochTime.From(lease)), ("$now", now));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT member_id FROM mqtt_members WHERE broker = $broker";
        command.Parameters.AddWithValue("$broker", broker);
        var members = new HashSet<Guid>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            members.Add(Guid.Parse(reader.GetString(0)));
        }

        return members;
    }

    private Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters) =>
        access.WriteAsync(session => Execute(session.Connection, sql, parameters), cancellationToken);

    private static int Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }
}
