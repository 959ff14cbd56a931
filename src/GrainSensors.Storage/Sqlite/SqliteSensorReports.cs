using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>sensor_reports</c> in SQLite.</summary>
internal sealed class SqliteSensorReports(SqliteAccess access) : ISensorReports
{
    public Task WriteAsync(IReadOnlyCollection<SensorLogLine> reports, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            foreach (var report in reports)
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    """
                    INSERT INTO sensor_reports (topic_id, partition, log_offset, sensor_id, level, message, reported_at)
                    VALUES ($topic, $partition, $offset, $sensor, $level, $message, $at) ON CONFLICT DO NOTHING
                    """;
                command.Parameters.AddWithValue("$topic", report.Source.TopicId.ToString());
                command.Parameters.AddWithValue("$partition", report.Source.Partition);
                command.Parameters.AddWithValue("$offset", report.Offset);
                command.Parameters.AddWithValue("$sensor", report.SensorId);
                command.Parameters.AddWithValue("$level", report.Level);
                command.Parameters.AddWithValue("$message", report.Message);
                command.Parameters.AddWithValue("$at", report.ReportedAt);
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<SensorLogLine>> ReadAsync(int? sensorId, int limit, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<SensorLogLine>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                $"""
                SELECT topic_id, partition, log_offset, sensor_id, level, message, reported_at FROM sensor_reports
                {(sensorId is null ? "" : "WHERE sensor_id = $sensor")} ORDER BY reported_at DESC LIMIT $limit
                """;
            if (sensorId is { } id)
            {
                command.Parameters.AddWithValue("$sensor", id);
            }

            command.Parameters.AddWithValue("$limit", limit);
            var lines = new List<SensorLogLine>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                lines.Add(new(
                    new SourceId(Guid.Parse(reader.GetString(0)), reader.GetInt32(1)), reader.GetInt64(2), reader.GetInt32(3),
                    reader.GetString(4), reader.GetString(5), reader.GetInt64(6)));
            }

            return lines;
        },
        cancellationToken);
}
