using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>silences</c> in SQLite.</summary>
internal sealed class SqliteSilences(SqliteAccess access, TimeProvider clock) : ISilenceStore
{
    public Task AddAsync(Silence silence, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO silences (silence_id, sensor_id, starts_at, ends_at, created_by, reason, created_at)
                VALUES ($id, $sensor, $start, $end, $by, $reason, $now) ON CONFLICT DO NOTHING
                """;
            command.Parameters.AddWithValue("$id", silence.Id.ToString());
            command.Parameters.AddWithValue("$sensor", (object?)silence.SensorId ?? DBNull.Value);
            command.Parameters.AddWithValue("$start", silence.StartsAt);
            command.Parameters.AddWithValue("$end", silence.EndsAt);
            command.Parameters.AddWithValue("$by", silence.By);
            command.Parameters.AddWithValue("$reason", silence.Reason);
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            return command.ExecuteNonQuery();
        },
        cancellationToken);

    public Task<bool> EndAsync(Guid id, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                "UPDATE silences SET ends_at = $now, starts_at = min(starts_at, $now) WHERE silence_id = $id AND ends_at > $now";
            command.Parameters.AddWithValue("$id", id.ToString());
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            return command.ExecuteNonQuery() == 1;
        },
        cancellationToken);

    public Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<Silence>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                SELECT silence_id, sensor_id, starts_at, ends_at, created_by, reason FROM silences
                WHERE ends_at > $now ORDER BY ends_at, silence_id
                """;
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            var silences = new List<Silence>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                silences.Add(new(
                    Guid.Parse(reader.GetString(0)), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3),
                    reader.GetString(4), reader.GetString(5)));
            }

            return silences;
        },
        cancellationToken);
}
