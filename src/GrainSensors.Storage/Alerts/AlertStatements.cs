namespace GrainSensors.Storage.Alerts;

/// <summary>The parts of the SQL of <c>alerts</c> that PostgreSQL and SQLite share.</summary>
internal static class AlertStatements
{
    /// <summary>The columns of an alert in the order of its readers; the alias of the table is <c>a</c>.</summary>
    public const string Columns =
        """
        a.alert_id, a.sensor_id, a.measurement, a.kind, a.level, a.raised_at, a.last_raised_at, a.cleared_at, a.occurrences,
        a.value, a.expected, a.last_reading_at, a.message, a.acknowledged_at, a.acknowledged_by, a.note, a.updated_at,
        a.acknowledged_for, coalesce(a.rule, a.kind), a.labels, a.runbook, a.sensor_group, a.group_alert, a.muted_until,
        CASE WHEN a.sensor_id < -1 THEN coalesce((SELECT n.name FROM sensor_names AS n WHERE n.number = a.sensor_id), 'unnamed') END
        """;

    /// <summary>Begins the insert of an alert.</summary>
    public const string Insert =
        """
        INSERT INTO alerts AS a
            (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected,
            last_reading_at, message, shard, rule, labels, runbook, sensor_group, muted_until, updated_at)
        """;

    /// <summary>
    /// Ends the insert of an alert. A row only moves forward: from raised to cleared, and with one more occurrence to raised
    /// again. The write that raises an alert sets its values; the write that clears it sets only the time.
    /// </summary>
    public const string Update =
        """
        ON CONFLICT (alert_id) DO UPDATE
        SET last_raised_at = CASE WHEN excluded.occurrences = a.occurrences THEN a.last_raised_at ELSE excluded.last_raised_at END,
            value = CASE WHEN excluded.occurrences = a.occurrences THEN a.value ELSE excluded.value END,
            expected = CASE WHEN excluded.occurrences = a.occurrences THEN a.expected ELSE excluded.expected END,
            last_reading_at = CASE WHEN excluded.occurrences = a.occurrences THEN a.last_reading_at ELSE excluded.last_reading_at END,
            message = CASE WHEN excluded.occurrences = a.occurrences THEN a.message ELSE excluded.message END,
            labels = CASE WHEN excluded.occurrences = a.occurrences THEN a.labels ELSE excluded.labels END,
            runbook = CASE WHEN excluded.occurrences = a.occurrences THEN a.runbook ELSE excluded.runbook END,
            group_alert = CASE WHEN excluded.occurrences = a.occurrences THEN a.group_alert END,
            muted_until = CASE WHEN excluded.occurrences = a.occurrences THEN a.muted_until ELSE excluded.muted_until END,
            cleared_at = excluded.cleared_at, occurrences = excluded.occurrences, updated_at = excluded.updated_at
        WHERE (excluded.occurrences, excluded.cleared_at IS NOT NULL) > (a.occurrences, a.cleared_at IS NOT NULL)
        """;

    /// <summary>Ends the insert of an interval. An interval only moves forward, from open to cleared.</summary>
    public const string UpdateInterval =
        """
        ON CONFLICT (alert_id, occurrence) DO UPDATE SET cleared_at = excluded.cleared_at
        WHERE i.cleared_at IS NULL AND excluded.cleared_at IS NOT NULL
        """;

    /// <summary>Counts open alerts by the word of their kind, and the acknowledged ones of them.</summary>
    public const string CountOpen =
        "SELECT kind, count(*), count(acknowledged_at) FROM alerts WHERE cleared_at IS NULL GROUP BY kind";

    /// <summary>The condition that selects the alerts of a status.</summary>
    public static string Condition(AlertStatus status) => status switch
    {
        AlertStatus.Raised => "(a.cleared_at IS NULL AND a.acknowledged_at IS NULL)",
        AlertStatus.Acknowledged => "(a.cleared_at IS NULL AND a.acknowledged_at IS NOT NULL)",
        AlertStatus.Cleared => "a.cleared_at IS NOT NULL",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown alert status."),
    };
}
