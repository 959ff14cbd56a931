using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Reconciliation;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Runs and findings in SQLite.</summary>
internal sealed class SqliteReconciliation(SqliteAccess access) : IReconciliationStore
{
    private const string UpsertRun =
        """
        INSERT INTO reconciliation_runs (
            run_id, engine, period, window_from, window_to, sensors, dry_run, sources, started_at, ended_at,
            readings, compared, missing, surplus, differing, parse, corrected, left_alone, unjudged, failure)
        VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (run_id) DO UPDATE
        SET ended_at = excluded.ended_at, readings = excluded.readings, compared = excluded.compared, missing = excluded.missing,
            surplus = excluded.surplus, differing = excluded.differing, parse = excluded.parse, corrected = excluded.corrected,
            left_alone = excluded.left_alone, unjudged = excluded.unjudged, failure = excluded.failure
        """;

    private const string InsertFinding =
        """
        INSERT INTO reconciliation_findings (
            run_id, position, kind, sensor_id, metric, window_start, window_end,
            stored_count, stored_mean, stored_m2, stored_min, stored_max,
            recomputed_count, recomputed_mean, recomputed_m2, recomputed_min, recomputed_max, partition, log_offset, differs, outcome)
        VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        """;

    private const string RemoveRow =
        "DELETE FROM sensor_windows WHERE sensor_id = $0 AND metric = $1 AND window_start = $2 AND window_end = $3 AND token = $4";

    public Task WriteRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            var counts = run.Counts;
            return Execute(
                session.Connection, null, UpsertRun,
                run.Id.ToString(), run.Engine, run.Period.ToString(), run.From, run.To,
                run.SensorIds is { } ids ? $"[{string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]" : null,
                run.DryRun, SourcesJson.Of(run.Sources), run.StartedAt, run.EndedAt,
                counts.Readings, counts.Compared, counts.Missing, counts.Surplus, counts.Differing, counts.Parse,
                counts.Corrected, counts.LeftAlone, counts.Unjudged, run.Failure);
        },
        cancellationToken);

    public Task WriteFindingsAsync(
        Guid runId, long first, IReadOnlyList<ReconciliationFinding> findings, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            var position = first;
            foreach (var finding in findings)
            {
                Execute(
                    session.Connection, transaction, InsertFinding,
                    [
                        runId.ToString(), position++, finding.Kind.ToToken(),
                        finding.Key?.SensorId, finding.Key?.Measurement, finding.Key?.Start, finding.Key?.End,
                        .. Columns(finding.Stored), .. Columns(finding.Recomputed),
                        finding.Place?.Partition, finding.Place?.Offset, finding.Differs, finding.Outcome.ToToken(),
                    ]);
            }

            transaction.Commit();
            return findings.Count;
        },
        cancellationToken);

    public Task<bool[]> RemoveAsync(IReadOnlyList<WindowRemoval> rows, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            var removed = rows.Select(row => Execute(
                session.Connection, transaction, RemoveRow, row.Key.SensorId, row.Key.Measurement, row.Key.Start, row.Key.End, row.ExpectedVersion) == 1).ToArray();
            transaction.Commit();
            return removed;
        },
        cancellationToken);

    private static object?[] Columns(RunningStatistics? statistics) => statistics is { } s ? [s.Count, s.Mean, s.M2, s.Min, s.Max] : new object?[5];

    /// <param name="values">Of $0, $1 …</param>
    private static int Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql, params object?[] values)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            // SQLite keeps no NaN.
            command.Parameters.AddWithValue($"${i}", values[i] is null or double.NaN ? DBNull.Value : values[i]);
        }

        return command.ExecuteNonQuery();
    }
}
