using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;
using Microsoft.Data.Sqlite;

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
                INSERT INTO silences (silence_id, sensor_id, starts_at, ends_at, created_by, reason, created_at, matchers)
                VALUES ($id, $sensor, $start, $end, $by, $reason, $now, $matchers) ON CONFLICT DO NOTHING
                """;
            var (sensor, matchers) = silence.Columns;
            command.Parameters.AddWithValue("$id", silence.Id.ToString());
            command.Parameters.AddWithValue("$sensor", (object?)sensor ?? DBNull.Value);
            command.Parameters.AddWithValue("$matchers", (object?)matchers ?? DBNull.Value);
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

    public Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken) =>
        ReadAsync("ends_at > $now ORDER BY ends_at, silence_id", cancellationToken);

    public Task<IReadOnlyList<Silence>> ReadEndedAsync(int limit, CancellationToken cancellationToken) => ReadAsync(
        string.Create(CultureInfo.InvariantCulture, $"ends_at <= $now ORDER BY ends_at DESC, silence_id DESC LIMIT {limit}"),
        cancellationToken);

    private Task<IReadOnlyList<Silence>> ReadAsync(string condition, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<Silence>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                $"SELECT silence_id, sensor_id, starts_at, ends_at, created_by, reason, matchers FROM silences WHERE {condition}";
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            var silences = new List<Silence>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                silences.Add(Silence.OfColumns(
                    Guid.Parse(reader.GetString(0)), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3),
                    reader.GetString(4), reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
            }

            return silences;
        },
        cancellationToken);

    /// <param name="now">µs since the epoch.</param>
    /// <returns>The active silences with matchers.</returns>
    public static IReadOnlyList<LabelSilence> ReadByLabels(SqliteConnection connection, long now)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT matchers, ends_at FROM silences WHERE ends_at > $now AND starts_at <= $now AND matchers IS NOT NULL";
        command.Parameters.AddWithValue("$now", now);
        var silences = new List<LabelSilence>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            silences.Add(new(reader.GetString(0), reader.GetInt64(1)));
        }

        return silences;
    }
}
