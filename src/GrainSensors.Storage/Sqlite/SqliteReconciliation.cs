using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Reconciliation;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Runs and findings of reconciliation in SQLite.</summary>
internal sealed class SqliteReconciliation(SqliteAccess access) : IReconciliationStore
{
    private const string InsertFinding =
        $"""
        {ReconciliationStatements.InsertFindings}
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
        """;

    private const string EndKilledRuns = "UPDATE reconciliation_runs SET ended_at = $1, failure = $2 WHERE ended_at IS NULL";

    private const string RemoveWindow =
        "DELETE FROM windows WHERE sensor_id = $1 AND period = $2 AND window_start = $3 AND token = $4";

    /// <remarks>One process at a time may use the file, so no other run is active.</remarks>
    public async Task<IAsyncDisposable> BeginRunAsync(ReconciliationRun run, CancellationToken cancellationToken)
    {
        await access.WriteAsync(
            session => Execute(session.Connection, null, EndKilledRuns, run.StartedAt, ReconciliationRun.Killed), cancellationToken);
        await WriteRunAsync(run, cancellationToken);
        return new ActiveRun();
    }

    public Task EndRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => WriteRunAsync(run, cancellationToken);

    private Task<int> WriteRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => access.WriteAsync(
        session => Execute(
            session.Connection, null, ReconciliationStatements.UpsertRun,
            [
                run.Id.ToString(), run.Engine, run.Period.ToString(), run.From, run.To,
                run.SensorIds is { } ids ? $"[{string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]" : null,
                run.DryRun, SourcesJson.Of(run.Sources), run.StartedAt, run.EndedAt,
                .. ReconciliationStatements.Values(run.Counts), run.Failure,
            ]),
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
                        finding.Place?.Topic,
                    ]);
            }

            transaction.Commit();
            return findings.Count;
        },
        cancellationToken);

    public Task<bool[]> RemoveAsync(IReadOnlyList<WindowRemoval> windows, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            var removed = windows.Select(removal => Execute(
                session.Connection, transaction, RemoveWindow,
                removal.Window.SensorId, removal.Window.Period.ToString(), removal.Window.Start, removal.ExpectedVersion) > 0).ToArray();
            foreach (var removal in windows.Where((_, i) => removed[i]))
            {
                session.StaleWindows.Change(removal.Window);
            }

            transaction.Commit();
            return removed;
        },
        cancellationToken);

    private static object?[] Columns(RunningStatistics? statistics) =>
        statistics is { } s ? [s.Count, s.Mean, s.M2, s.Min, s.Max] : new object?[5];

    /// <param name="values">The values of $1, $2 …</param>
    private static int Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql, params object?[] values)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            // SQLite cannot store NaN.
            command.Parameters.AddWithValue($"${i + 1}", values[i] is null or double.NaN ? DBNull.Value : values[i]);
        }

        return command.ExecuteNonQuery();
    }

    private sealed class ActiveRun : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => default;
    }
}
