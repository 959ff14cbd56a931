using System.Globalization;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>The SQL of the job, in what Spark 2.4 and 3 have in common. The windows themselves are the one definition's.</summary>
/// <remarks>
/// Spark's <c>json_tuple</c> is lenient: it takes <c>"7"</c> for 7 and does not mind what surrounds an object. What it judges
/// otherwise than the stream is told as a finding, so nothing here tries to be as strict as the stream.
/// </remarks>
public static class JobStatements
{
    /// <summary>The views that the statements build on each other.</summary>
    public const string Messages = "messages";
    public const string DeadLetters = "dead_letters";
    public const string Judged = "judged";
    public const string Readings = "readings";

    /// <summary>10¹¹ s: a greater timestamp is in milliseconds.</summary>
    private const string MillisAbove = "100000000000";

    /// <summary>
    /// <see cref="Judged"/>: every message with what is in it and whether it is a reading. 12 decimals of a timestamp are
    /// exact; only what has more is rounded.
    /// </summary>
    public static string Parse(JobOptions options)
    {
        var measurements = options.Measurements;
        var texts = string.Concat(measurements.Select((_, index) => $", t{index}"));
        var names = string.Concat(measurements.Select(measurement => $", {Quote(measurement.Name)}"));
        var values = string.Concat(measurements.Select((_, index) => $", CAST(t{index} AS DOUBLE) AS {WindowsStatement.Column(index)}"));
        var plausible = string.Concat(measurements.Select((measurement, index) =>
            $" AND (t{index} IS NULL OR (CAST(t{index} AS DOUBLE) >= {Number(measurement.Min)} AND CAST(t{index} AS DOUBLE) <= {Number(measurement.Max)}))"));
        return $"""
            SELECT partition, log_offset, sensor_id, event_time{string.Concat(measurements.Select((_, index) => $", {WindowsStatement.Column(index)}"))},
                coalesce(sensor_id >= 0 AND event_time >= {Number(options.Earliest)} AND is_plausible, false) AS is_reading
            FROM (
                SELECT partition, log_offset, CASE WHEN sensor RLIKE '^-?[0-9]+$' THEN CAST(sensor AS INT) END AS sensor_id,
                    CAST(floor(CASE WHEN moment > {MillisAbove} THEN moment * 1000 ELSE moment * 1000000 END) AS BIGINT) AS event_time{values},
                    true{plausible} AS is_plausible
                FROM (
                    SELECT partition, log_offset, sensor, CAST(moment_text AS DECIMAL(30, 12)) AS moment{texts}
                    FROM (SELECT partition, offset AS log_offset, CAST(value AS STRING) AS text FROM {Messages}) AS texts
                    LATERAL VIEW OUTER json_tuple(text, 'sensor_id', 'timestamp'{names}) AS sensor, moment_text{texts}
                ) AS members
            ) AS typed
            """;
    }

    /// <summary><see cref="Readings"/>: without what the stream has rejected, of the sensors that were asked for.</summary>
    public static string TakeReadings(JobOptions options)
    {
        var sensors = options.SensorIds is { } ids ? $" AND j.sensor_id IN ({string.Join(", ", ids.Select(id => Number(id)))})" : "";
        var values = string.Concat(options.Measurements.Select((_, index) => $", j.{WindowsStatement.Column(index)}"));
        return $"""
            SELECT j.sensor_id, j.event_time{values}
            FROM {Judged} AS j
            LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = j.partition AND d.log_offset = j.log_offset
            WHERE j.is_reading{sensors}
            """;
    }

    /// <summary>The result, with the run's id in front, as the staging table has it.</summary>
    public static string Result(JobOptions options) =>
        $"SELECT {Quote(options.RunId)} AS run_id, sensor_id, metric, window_start, sample_count, min, max, mean, variance FROM (\n{options.Windows}\n) AS windows";

    /// <summary>Where stream and Spark disagree: <c>rejected</c> by Spark and no dead letter, or <c>accepted</c> though it is one.</summary>
    public static string Disagreements(JobOptions options) =>
        $"""
        SELECT {Quote(options.RunId)} AS run_id, 'rejected' AS kind, j.partition, j.log_offset
        FROM {Judged} AS j
        LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = j.partition AND d.log_offset = j.log_offset
        WHERE NOT j.is_reading
        UNION ALL
        SELECT {Quote(options.RunId)} AS run_id, 'accepted' AS kind, j.partition, j.log_offset
        FROM {Judged} AS j
        LEFT SEMI JOIN {DeadLetters} AS d ON d.partition = j.partition AND d.log_offset = j.log_offset
        WHERE j.is_reading
        """;

    /// <summary>What PostgreSQL is asked for the dead letters of the run; Spark takes a subquery in place of a table.</summary>
    public static string DeadLetterQuery(JobOptions options) =>
        $"(SELECT partition, log_offset FROM reconciliation_offsets WHERE run_id = {Quote(options.RunId)} AND kind = 'dead') AS dead";

    private static string Quote(string text) => text.AsSpan().ContainsAny('\'', '\\')
        ? throw new ArgumentException($"\"{text}\" has a quote or a backslash, which engines read in different ways.", nameof(text))
        : $"'{text}'";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>With an exponent, so that it is a double and not a decimal.</summary>
    private static string Number(double number) => number.ToString("0.0################E0", CultureInfo.InvariantCulture);
}
