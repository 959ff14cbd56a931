using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>silences</c> in PostgreSQL.</summary>
internal sealed class PostgresSilences(NpgsqlDataSource dataSource, string store, TimeProvider clock) : ISilenceStore
{
    public Task AddAsync(Silence silence, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO silences (silence_id, sensor_id, starts_at, ends_at, created_by, reason, created_at, matchers)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
                """);
            var (sensor, matchers) = silence.Columns;
            command.Parameters.Add(NpgsqlDbType.Uuid, silence.Id).Add(NpgsqlDbType.Integer, (object?)sensor ?? DBNull.Value)
                .AddTime(silence.StartsAt).AddTime(silence.EndsAt)
                .Add(NpgsqlDbType.Text, silence.By).Add(NpgsqlDbType.Text, silence.Reason).AddTime(EpochTime.Now(clock))
                .Add(NpgsqlDbType.Text, (object?)matchers ?? DBNull.Value);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<bool> EndAsync(Guid id, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                "UPDATE silences SET ends_at = $2, starts_at = least(starts_at, $2) WHERE silence_id = $1 AND ends_at > $2");
            command.Parameters.Add(NpgsqlDbType.Uuid, id).AddTime(EpochTime.Now(clock));
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);

    public Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken) =>
        ReadAsync("ends_at > $1 ORDER BY ends_at, silence_id", cancellationToken);

    public Task<IReadOnlyList<Silence>> ReadEndedAsync(int limit, CancellationToken cancellationToken) => ReadAsync(
        string.Create(CultureInfo.InvariantCulture, $"ends_at <= $1 ORDER BY ends_at DESC, silence_id DESC LIMIT {limit}"),
        cancellationToken);

    private Task<IReadOnlyList<Silence>> ReadAsync(string condition, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<Silence>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                $"SELECT silence_id, sensor_id, starts_at, ends_at, created_by, reason, matchers FROM silences WHERE {condition}");
            command.Parameters.AddTime(EpochTime.Now(clock));
            var silences = new List<Silence>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                silences.Add(Silence.OfColumns(
                    reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), PostgresWindowRows.ReadTime(reader, 2),
                    PostgresWindowRows.ReadTime(reader, 3), reader.GetString(4), reader.GetString(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6)));
            }

            return silences;
        },
        cancellationToken);
}
