namespace GrainSensors.Storage.Reconciliation;

/// <summary>The parts of the SQL of reconciliation that PostgreSQL and SQLite share.</summary>
internal static class ReconciliationStatements
{
    /// <summary>Inserts a run, or updates the columns that are known at its end. Takes the parameters $1 to $20.</summary>
    public const string UpsertRun =
        """
        INSERT INTO reconciliation_runs (
            run_id, engine, period, window_from, window_to, sensors, dry_run, sources, started_at, ended_at,
            readings, compared, missing, surplus, differing, parse, corrected, left_alone, unjudged, failure)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        ON CONFLICT (run_id) DO UPDATE
        SET ended_at = excluded.ended_at, readings = excluded.readings, compared = excluded.compared, missing = excluded.missing,
            surplus = excluded.surplus, differing = excluded.differing, parse = excluded.parse, corrected = excluded.corrected,
            left_alone = excluded.left_alone, unjudged = excluded.unjudged, failure = excluded.failure
        """;

    /// <summary>Begins the insert of findings.</summary>
    public const string InsertFindings =
        """
        INSERT INTO reconciliation_findings (
            run_id, position, kind, sensor_id, metric, window_start, window_end,
            stored_count, stored_mean, stored_m2, stored_min, stored_max,
            recomputed_count, recomputed_mean, recomputed_m2, recomputed_min, recomputed_max, partition, log_offset, differs, outcome,
            topic)
        """;

    /// <returns>The counts of a run in the order of <see cref="UpsertRun"/>.</returns>
    public static long[] Values(ReconciliationCounts counts) =>
    [
        counts.Readings, counts.Compared, counts.Missing, counts.Surplus, counts.Differing, counts.Parse,
        counts.Corrected, counts.LeftAlone, counts.Unjudged,
    ];
}
