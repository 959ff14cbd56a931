using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>sensor_reports</c> in PostgreSQL.</summary>
internal sealed class PostgresSensorReports(NpgsqlDataSource dataSource, string store) : ISensorReports
{
    public Task WriteAsync(IReadOnlyCollection<SensorLogLine> reports, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            var rows = reports.ToArray();
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO sensor_reports (topic_id, partition, log_offset, sensor_id, level, message, reported_at)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
                """);
            command.Parameters
                .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.Source.TopicId))
                .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Source.Partition))
                .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(rows, row => row.Offset))
                .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.SensorId))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Level))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Message))
                .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => PostgresTime.ToRaw(row.ReportedAt)));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<SensorLogLine>> ReadAsync(int? sensorId, int limit, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<SensorLogLine>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                $"""
                SELECT topic_id, partition, log_offset, sensor_id, level, message, reported_at FROM sensor_reports
                {(sensorId is null ? "" : "WHERE sensor_id = $2")} ORDER BY reported_at DESC LIMIT $1
                """);
            command.Parameters.Add(NpgsqlDbType.Integer, limit);
            if (sensorId is { } id)
            {
                command.Parameters.Add(NpgsqlDbType.Integer, id);
            }

            var lines = new List<SensorLogLine>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                lines.Add(new(
                    new SourceId(reader.GetGuid(0), reader.GetInt32(1)), reader.GetInt64(2), reader.GetInt32(3), reader.GetString(4),
                    reader.GetString(5), PostgresWindowRows.ReadTime(reader, 6)));
            }

            return lines;
        },
        cancellationToken);
}
