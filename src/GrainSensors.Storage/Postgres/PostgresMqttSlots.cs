using GrainSensors.Storage.Mqtt;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables <c>mqtt_members</c> and <c>mqtt_slots</c> in PostgreSQL, whose clock ends leases.</summary>
internal sealed class PostgresMqttSlots(NpgsqlDataSource dataSource, string store) : IMqttSlots
{
    public Task<MqttSlotShare> RenewAsync(string broker, Guid member, int count, TimeSpan lease, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var slots = await LockAsync(connection, broker, count, cancellationToken);
                var members = await RenewLeaseAsync(connection, broker, member, lease, cancellationToken);
                var (taken, surplus) = SlotAssignment.Of([.. slots.Select(slot => (slot.Index, slot.Owner))], members, member);
                if (taken.Count > 0)
                {
                    await using var take = new NpgsqlCommand(
                        "UPDATE mqtt_slots SET member_id = $2 WHERE broker = $1 AND slot = ANY ($3)", connection);
                    take.Parameters.Add(NpgsqlDbType.Text, broker).Add(NpgsqlDbType.Uuid, member)
                        .AddArray(NpgsqlDbType.Integer, [.. taken]);
                    await take.ExecuteNonQueryAsync(cancellationToken);
                }

                await transaction.CommitAsync(cancellationToken);
                var owned = slots.Where(slot => slot.Owner == member || taken.Contains(slot.Index));
                return new MqttSlotShare(
                    [.. owned.Select(slot => new MqttSlot(slot.Index, FilterText.Split(slot.Filters)))],
                    surplus.ToHashSet(),
                    members.Count);
            },
            cancellationToken);

    public async Task<bool> SetFiltersAsync(
        string broker, Guid member, int slot, IReadOnlyList<string> filters, CancellationToken cancellationToken) =>
        await OfSlotAsync(
            "UPDATE mqtt_slots SET filters = $4 WHERE broker = $1 AND member_id = $2 AND slot = $3",
            broker, member, slot, cancellationToken, FilterText.Join(filters)) == 1;

    public Task ReleaseAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) => OfSlotAsync(
        "UPDATE mqtt_slots SET member_id = NULL WHERE broker = $1 AND member_id = $2 AND slot = $3",
        broker, member, slot, cancellationToken);

    public Task DeleteAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) => OfSlotAsync(
        "DELETE FROM mqtt_slots WHERE broker = $1 AND member_id = $2 AND slot = $3", broker, member, slot, cancellationToken);

    public Task LeaveAsync(string broker, Guid member, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                WITH freed AS (UPDATE mqtt_slots SET member_id = NULL WHERE broker = $1 AND member_id = $2)
                DELETE FROM mqtt_members WHERE broker = $1 AND member_id = $2
                """);
            command.Parameters.Add(NpgsqlDbType.Text, broker).Add(NpgsqlDbType.Uuid, member);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    private static async Task<List<(int Index, Guid? Owner, string Filters)>> LockAsync(
        NpgsqlConnection connection, string broker, int count, CancellationToken cancellationToken)
    {
        await using var create = new NpgsqlCommand(
            "INSERT INTO mqtt_slots (broker, slot) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING", connection);
        create.Parameters.Add(NpgsqlDbType.Text, broker).Add(NpgsqlDbType.Integer, count);
        await create.ExecuteNonQueryAsync(cancellationToken);

        // In the order of the slots, so that two silos do not wait for each other.
        await using var read = new NpgsqlCommand(
            "SELECT slot, member_id, filters FROM mqtt_slots WHERE broker = $1 ORDER BY slot FOR UPDATE", connection);
        read.Parameters.Add(NpgsqlDbType.Text, broker);
        var slots = new List<(int Index, Guid? Owner, string Filters)>();
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            slots.Add((reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetString(2)));
        }

        return slots;
    }

    /// <returns>The silos with a lease.</returns>
    private static async Task<HashSet<Guid>> RenewLeaseAsync(
        NpgsqlConnection connection, string broker, Guid member, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var renew = new NpgsqlCommand(
            """
            INSERT INTO mqtt_members (broker, member_id, lease_until) VALUES ($1, $2, clock_timestamp() + $3)
            ON CONFLICT (broker, member_id) DO UPDATE SET lease_until = excluded.lease_until
            """,
            connection);
        renew.Parameters.Add(NpgsqlDbType.Text, broker).Add(NpgsqlDbType.Uuid, member).Add(NpgsqlDbType.Interval, lease);
        await renew.ExecuteNonQueryAsync(cancellationToken);
        await using var expire = new NpgsqlCommand(
            "DELETE FROM mqtt_members WHERE broker = $1 AND lease_until <= clock_timestamp()", connection);
        expire.Parameters.Add(NpgsqlDbType.Text, broker);
        await expire.ExecuteNonQueryAsync(cancellationToken);
        await using var read = new NpgsqlCommand("SELECT member_id FROM mqtt_members WHERE broker = $1", connection);
        read.Parameters.Add(NpgsqlDbType.Text, broker);
        var members = new HashSet<Guid> { member };
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(reader.GetGuid(0));
        }

        return members;
    }

    private Task<int> OfSlotAsync(
        string sql, string broker, Guid member, int slot, CancellationToken cancellationToken, string? filters = null) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                command.Parameters.Add(NpgsqlDbType.Text, broker).Add(NpgsqlDbType.Uuid, member).Add(NpgsqlDbType.Integer, slot);
                if (filters is not null)
                {
                    command.Parameters.Add(NpgsqlDbType.Text, filters);
                }

                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);
}
