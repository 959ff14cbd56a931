using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Runs and findings of reconciliation in PostgreSQL.</summary>
internal sealed class PostgresReconciliation(NpgsqlDataSource dataSource, string store, KnownLongerPeriods longer, TimeProvider clock)
    : IReconciliationStore
{
    private const string InsertFindings =
        $"""
        {ReconciliationStatements.InsertFindings}
        SELECT $1, f.*
        FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) AS f
        """;

    private const string LockRun = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))";

    private const string EndKilledRuns =
        """
        WITH active AS MATERIALIZED (SELECT run_id FROM reconciliation_runs WHERE ended_at IS NULL)
        UPDATE reconciliation_runs AS r SET ended_at = $1, failure = $2
        FROM active WHERE r.run_id = active.run_id AND pg_try_advisory_xact_lock(hashtextextended(active.run_id::text, 0))
        """;

    private const string RemoveRows =
        """
        DELETE FROM windows AS w
        USING unnest($1, $2, $3, $4, $5) AS k (sensor_id, period, window_start, expected, position)
        WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start AND w.token = k.expected
        RETURNING k.position
        """;

    /// <remarks>
    /// The lock belongs to an open transaction, not to the session, so it works behind a pooler too. It ends with its process.
    /// </remarks>
    public Task<IAsyncDisposable> BeginRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using (var end = dataSource.CreateCommand(EndKilledRuns))
            {
                end.Parameters.AddTime(run.StartedAt).Add(NpgsqlDbType.Text, ReconciliationRun.Killed);
                await end.ExecuteNonQueryAsync(cancellationToken);
            }

            var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            try
            {
                await connection.BeginTransactionAsync(cancellationToken);
                await using var command = new NpgsqlCommand(LockRun, connection);
                command.Parameters.Add(NpgsqlDbType.Uuid, run.Id);
                await command.ExecuteNonQueryAsync(cancellationToken);
                await WriteRunAsync(run, cancellationToken);
                return (IAsyncDisposable)connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        },
        cancellationToken);

    public Task EndRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => WriteRunAsync(run, cancellationToken);

    private Task<int> WriteRunAsync(ReconciliationRun run, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(ReconciliationStatements.UpsertRun);
            command.Parameters
                .Add(NpgsqlDbType.Uuid, run.Id).Add(NpgsqlDbType.Text, run.Engine).Add(NpgsqlDbType.Text, run.Period.ToString())
                .AddTime(run.From).AddTime(run.To)
                .Add(NpgsqlDbType.Array | NpgsqlDbType.Integer, (object?)run.SensorIds?.ToArray() ?? DBNull.Value)
                .Add(NpgsqlDbType.Boolean, run.DryRun).Add(NpgsqlDbType.Jsonb, SourcesJson.Of(run.Sources)).AddTime(run.StartedAt)
                .AddTime(run.EndedAt);
            foreach (var count in ReconciliationStatements.Values(run.Counts))
            {
                command.Parameters.Add(NpgsqlDbType.Bigint, count);
            }

            command.Parameters.Add(NpgsqlDbType.Text, (object?)run.Failure ?? DBNull.Value);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task WriteFindingsAsync(
        Guid runId, long first, IReadOnlyList<ReconciliationFinding> findings, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(InsertFindings);
            command.Parameters.Add(NpgsqlDbType.Uuid, runId)
                .AddArray(NpgsqlDbType.Bigint, [.. findings.Select((_, index) => first + index)])
                .AddArray(NpgsqlDbType.Text, Of(finding => finding.Kind.ToToken()))
                .AddArray(NpgsqlDbType.Integer, Of(finding => finding.Key?.SensorId))
                .AddArray(NpgsqlDbType.Text, Of(finding => finding.Key?.Measurement))
                .AddArray(NpgsqlDbType.TimestampTz, Of(finding => Time(finding.Key?.Start)))
                .AddArray(NpgsqlDbType.TimestampTz, Of(finding => Time(finding.Key?.End)));
            AddStatistics(finding => finding.Stored);
            AddStatistics(finding => finding.Recomputed);
            command.Parameters
                .AddArray(NpgsqlDbType.Integer, Of(finding => finding.Place?.Partition))
                .AddArray(NpgsqlDbType.Bigint, Of(finding => finding.Place?.Offset))
                .AddArray(NpgsqlDbType.Text, Of(finding => finding.Differs))
                .AddArray(NpgsqlDbType.Text, Of(finding => finding.Outcome.ToToken()))
                .AddArray(NpgsqlDbType.Text, Of(finding => finding.Place?.Topic));
            return await command.ExecuteNonQueryAsync(cancellationToken);

            void AddStatistics(Func<ReconciliationFinding, RunningStatistics?> of) => command.Parameters
                .AddArray(NpgsqlDbType.Bigint, Of(finding => of(finding)?.Count))
                .AddArray(NpgsqlDbType.Double, Of(finding => of(finding)?.Mean))
                .AddArray(NpgsqlDbType.Double, Of(finding => of(finding)?.M2))
                .AddArray(NpgsqlDbType.Double, Of(finding => of(finding)?.Min))
                .AddArray(NpgsqlDbType.Double, Of(finding => of(finding)?.Max));

            T[] Of<T>(Func<ReconciliationFinding, T> column) => [.. findings.Select(column)];
        },
        cancellationToken);

    public Task<bool[]> RemoveAsync(IReadOnlyList<WindowRemoval> windows, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var batch = dataSource.CreateBatch();
            var command = new NpgsqlBatchCommand(RemoveRows);
            command.Parameters
                .AddArray(NpgsqlDbType.Integer, Of(removal => removal.Window.SensorId))
                .AddArray(NpgsqlDbType.Text, Of(removal => StoredPeriod.Text(removal.Window.Period)))
                .AddArray(NpgsqlDbType.TimestampTz, Of(removal => PostgresTime.ToRaw(removal.Window.Start)))
                .AddArray(NpgsqlDbType.Bigint, Of(removal => removal.ExpectedVersion))
                .AddArray(NpgsqlDbType.Integer, [.. Enumerable.Range(0, windows.Count)]);
            batch.BatchCommands.Add(command);
            var panes = windows.Select(removal => new ChangedPane(removal.Window, Token: null));
            if (PostgresStaleWindows.TryCreateUpsert(panes, longer.Current, clock) is { } stale)
            {
                batch.BatchCommands.Add(stale);
            }

            var removed = new bool[windows.Count];
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                removed[reader.GetInt32(0)] = true;
            }

            await reader.NextResultAsync(cancellationToken);
            return removed;

            T[] Of<T>(Func<WindowRemoval, T> column) => [.. windows.Select(column)];
        },
        cancellationToken);

    private static long? Time(long? micros) => micros is { } time ? PostgresTime.ToRaw(time) : null;
}
