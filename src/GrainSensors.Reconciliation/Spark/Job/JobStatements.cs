using System.Globalization;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>
/// The SQL of the job, in the dialect that Spark 2.4 and 3 share. The windows themselves come from the shared definition,
/// <see cref="WindowsStatement"/>.
/// </summary>
/// <remarks>
/// Spark's <c>json_tuple</c> is lenient: it accepts <c>"7"</c> as 7 and text around an object. Each difference to the stream
/// becomes a finding, so these statements need not be as strict as the stream's parser.
/// </remarks>
public static class JobStatements
{
    /// <summary>The messages of the readings topic, a view of the Kafka source.</summary>
    public const string Messages = "messages";

    /// <summary>The offsets of dead letters, a view of the staging table.</summary>
    public const string DeadLetters = "dead_letters";

    /// <summary>The parsed messages, see <see cref="Parse"/>.</summary>
    public const string Parsed = "parsed";

    /// <summary>The accepted readings, see <see cref="TakeReadings"/>.</summary>
    public const string Readings = "readings";

    /// <summary>A timestamp above 10¹¹ s is in milliseconds.</summary>
    private const string MillisAbove = "100000000000";

    /// <summary>
    /// The statement of <see cref="Parsed"/>: every message with its members and whether it is a reading. 12 decimals of a
    /// timestamp are exact; further decimals are rounded.
    /// </summary>
    public static string Parse(JobOptions options)
    {
        var measurements = options.Measurements;
        var texts = string.Concat(measurements.Select((_, index) => $", t{index}"));
        var names = string.Concat(measurements.Select(measurement => $", {Quote(measurement.Name)}"));
        var values = string.Concat(measurements.Select((measurement, index) =>
            $", {Value(measurement, index)} AS {WindowsStatement.Column(index)}"));
        var columns = string.Concat(measurements.Select((_, index) => $", {WindowsStatement.Column(index)}"));
        var plausible = string.Concat(measurements.Select((measurement, index) =>
            $" AND (t{index} IS NULL{OrMissing(measurement, index)} OR "
            + $"(CAST(t{index} AS DOUBLE) >= {Number(measurement.Min)} AND CAST(t{index} AS DOUBLE) <= {Number(measurement.Max)}))"));
        return $"""
            SELECT partition, log_offset, sensor_id, event_time{columns},
                coalesce(sensor_id >= 0 AND event_time >= {Number(options.Earliest)} AND is_plausible, false) AS is_reading
            FROM (
                SELECT partition, log_offset, CASE WHEN sensor RLIKE '^-?[0-9]+$' THEN CAST(sensor AS INT) END AS sensor_id,
                    CAST(floor(CASE WHEN moment > {MillisAbove} THEN moment * 1000 ELSE moment * 1000000 END) AS BIGINT)
                        AS event_time{values},
                    true{plausible} AS is_plausible
                FROM (
                    SELECT partition, log_offset, sensor, CAST(moment_text AS DECIMAL(30, 12)) AS moment{texts}
                    FROM (SELECT partition, offset AS log_offset, CAST(value AS STRING) AS text FROM {Messages}) AS texts
                    LATERAL VIEW OUTER json_tuple(text, 'sensor_id', 'timestamp'{names}) AS sensor, moment_text{texts}
                ) AS members
            ) AS typed
            """;
    }

    private static string Value(JobMeasurement measurement, int index) => measurement.Missing.Length == 0
        ? $"CAST(t{index} AS DOUBLE)"
        : $"CASE WHEN CAST(t{index} AS DOUBLE) IN ({Numbers(measurement.Missing)}) THEN NULL ELSE CAST(t{index} AS DOUBLE) END";

    private static string OrMissing(JobMeasurement measurement, int index) =>
        measurement.Missing.Length == 0 ? "" : $" OR CAST(t{index} AS DOUBLE) IN ({Numbers(measurement.Missing)})";

    private static string Numbers(double[] numbers) => string.Join(", ", numbers.Select(Number));

    /// <summary>The statement of <see cref="Readings"/>: accepted by the stream and by Spark, of the requested sensors.</summary>
    public static string TakeReadings(JobOptions options)
    {
        var sensors = options.SensorIds is { } ids ? $" AND p.sensor_id IN ({string.Join(", ", ids.Select(id => Number(id)))})" : "";
        var values = string.Concat(options.Measurements.Select((_, index) => $", p.{WindowsStatement.Column(index)}"));
        return $"""
            SELECT p.sensor_id, p.event_time{values}
            FROM {Parsed} AS p
            LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
            WHERE p.is_reading{sensors}
            """;
    }

    /// <summary>The recomputed windows in the columns of the staging table, the id of the run first.</summary>
    public static string Result(JobOptions options) =>
        $"""
        SELECT {Quote(options.RunId)} AS run_id, sensor_id, metric, window_start, sample_count, min, max, mean, variance FROM (
        {options.Windows}
        ) AS windows
        """;

    /// <summary>
    /// Messages that the stream and Spark classify differently: <c>rejected</c> by Spark without a dead letter, or
    /// <c>accepted</c> with one.
    /// </summary>
    public static string Disagreements(JobOptions options) =>
        $"""
        SELECT {Quote(options.RunId)} AS run_id, 'rejected' AS kind, p.partition, p.log_offset
        FROM {Parsed} AS p
        LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE NOT p.is_reading
        UNION ALL
        SELECT {Quote(options.RunId)} AS run_id, 'accepted' AS kind, p.partition, p.log_offset
        FROM {Parsed} AS p
        LEFT SEMI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE p.is_reading
        """;

    /// <summary>The dead letters of the run in PostgreSQL. Spark accepts a subquery in place of a table.</summary>
    public static string DeadLetterQuery(JobOptions options) =>
        $"(SELECT partition, log_offset FROM reconciliation_offsets WHERE run_id = {Quote(options.RunId)} AND kind = 'dead') AS dead";

    private static string Quote(string text) => text.AsSpan().ContainsAny('\'', '\\')
        ? throw new ArgumentException($"\"{text}\" has a quote or a backslash, which engines escape in different ways.", nameof(text))
        : $"'{text}'";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes an exponent, so that Spark reads a double and not a decimal.</summary>
    private static string Number(double number) => number.ToString("0.0################E0", CultureInfo.InvariantCulture);
}
