using System.Globalization;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>
/// The SQL of the job, in the dialect that Spark 2.4 and 3 share. The windows themselves come from the shared definition,
/// <see cref="WindowsStatement"/>.
/// </summary>
public static class JobStatements
{
    /// <summary>The messages of the readings topic, a view of the Kafka source.</summary>
    public const string Messages = MessageStatement.Messages;

    /// <summary>The offsets of dead letters, a view of the staging table.</summary>
    public const string DeadLetters = "dead_letters";

    /// <summary>The parsed messages, see <see cref="Parse"/>.</summary>
    public const string Parsed = "parsed";

    /// <summary>The accepted readings, see <see cref="TakeReadings"/>.</summary>
    public const string Readings = "readings";

    /// <summary>The statement of <see cref="Parsed"/>: every message with its members and whether it is a reading.</summary>
    /// <exception cref="ArgumentException">The name of a measurement has a character that the statement cannot have.</exception>
    public static string Parse(JobOptions options)
    {
        foreach (var measurement in options.Measurements)
        {
            Quote(measurement.Name);
            MessageStatement.RequireTakes(measurement.Name);
        }

        return MessageStatement.Of(options);
    }

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
    /// <c>accepted</c> with one. Messages of sensors with names are left out, and so are their windows.
    /// </summary>
    public static string Disagreements(JobOptions options) =>
        $"""
        SELECT {Quote(options.RunId)} AS run_id, 'rejected' AS kind, p.partition, p.log_offset
        FROM {Parsed} AS p
        LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE NOT p.is_reading AND NOT p.is_named
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
}
