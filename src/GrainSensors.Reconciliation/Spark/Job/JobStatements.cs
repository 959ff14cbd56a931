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

    /// <summary>The table <c>sensor_names</c>, a view of PostgreSQL.</summary>
    public const string StoredNames = "sensor_names";

    /// <summary>Names that messages have in another form than <see cref="StoredNames"/>, with that form.</summary>
    public const string Spellings = "spellings";

    /// <summary>The parsed messages, see <see cref="Parse"/>.</summary>
    public const string Parsed = "parsed";

    /// <summary>The parsed messages with the numbers of their sensors, see <see cref="Resolve"/>.</summary>
    public const string Resolved = "resolved";

    /// <summary>The readings of sources, a view of the staging table. See <see cref="MappedQuery"/>.</summary>
    public const string Mapped = "mapped";

    /// <summary>The statement of <see cref="Messages"/> where no message is to be read, which the Kafka source refuses.</summary>
    public const string NoMessages = "SELECT CAST(NULL AS BINARY) AS value, 0 AS partition, CAST(0 AS BIGINT) AS offset WHERE false";

    /// <summary>The accepted readings, see <see cref="TakeReadings"/>.</summary>
    public const string Readings = "readings";

    /// <summary>A character from which on texts may have several forms.</summary>
    private const string BeyondStable = @"'[^\\x00-\\x{02FF}]'";

    /// <summary>The statement of <see cref="Parsed"/>: every message with its members and whether they are those of a reading.</summary>
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

    /// <summary>
    /// Names of readings without a number that may not be in normal form C: every text of earlier characters is. A name may get its number
    /// between this statement and <see cref="Resolve"/>.
    /// </summary>
    public static string UnknownNames() =>
        $"""
        SELECT DISTINCT p.name
        FROM {Parsed} AS p
        LEFT ANTI JOIN {StoredNames} AS s ON s.name = p.name
        LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE p.is_right AND p.name RLIKE {BeyondStable}
        """;

    /// <summary>The statement of <see cref="Resolved"/>.</summary>
    public static string Resolve(JobOptions options) =>
        $"""
        SELECT p.partition, p.log_offset, p.sensor_id, p.event_time{Values(options)}, p.is_right AND p.sensor_id IS NOT NULL AS is_reading
        FROM {Parsed} AS p
        WHERE p.name IS NULL
        UNION ALL
        SELECT p.partition, p.log_offset, n.number, p.event_time{Values(options)}, p.is_right AND n.number IS NOT NULL
        FROM {Parsed} AS p
        LEFT JOIN (
            SELECT name, number FROM {StoredNames}
            UNION
            SELECT f.name, s.number FROM {Spellings} AS f JOIN {StoredNames} AS s ON s.name = f.stored
        ) AS n ON n.name = p.name
        WHERE p.name IS NOT NULL
        """;

    /// <summary>
    /// The statement of <see cref="Readings"/>: accepted by the stream and by Spark, of the requested sensors, and those of sources.
    /// </summary>
    public static string TakeReadings(JobOptions options)
    {
        var sensors = options.SensorIds is { } ids ? $" AND p.sensor_id IN ({string.Join(", ", ids.Select(id => Number(id)))})" : "";
        return $"""
            SELECT p.sensor_id, p.event_time{Values(options)}
            FROM {Resolved} AS p
            LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
            WHERE p.is_reading{sensors}
            UNION ALL
            SELECT p.sensor_id, p.event_time{Values(options)}
            FROM {Mapped} AS p
            """;
    }

    /// <summary>The recomputed windows in the columns of the staging table, the id of the run first.</summary>
    public static string Result(JobOptions options) =>
        $"""
        SELECT {Quote(options.RunId)} AS run_id, windows.* FROM (
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
        FROM {Resolved} AS p
        LEFT ANTI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE NOT p.is_reading
        UNION ALL
        SELECT {Quote(options.RunId)} AS run_id, 'accepted' AS kind, p.partition, p.log_offset
        FROM {Resolved} AS p
        LEFT SEMI JOIN {DeadLetters} AS d ON d.partition = p.partition AND d.log_offset = p.log_offset
        WHERE p.is_reading
        """;

    /// <summary>The dead letters of the run in PostgreSQL. Spark accepts a subquery in place of a table.</summary>
    public static string DeadLetterQuery(JobOptions options) =>
        $"(SELECT partition, log_offset FROM reconciliation_offsets WHERE run_id = {Quote(options.RunId)} AND kind = 'dead') AS dead";

    /// <summary>The readings of sources in PostgreSQL, which has the values of a reading in one column.</summary>
    public static string MappedQuery(JobOptions options)
    {
        var values = options.Measurements.Select((_, index) => $", measured[{Number(index + 1)}] AS {WindowsStatement.Column(index)}");
        var run = Quote(options.RunId);
        return $"(SELECT sensor_id, event_time{string.Concat(values)} FROM reconciliation_readings WHERE run_id = {run}) AS mapped";
    }

    private static string Values(JobOptions options) =>
        string.Concat(options.Measurements.Select((_, index) => $", p.{WindowsStatement.Column(index)}"));

    private static string Quote(string text) => text.AsSpan().ContainsAny('\'', '\\')
        ? throw new ArgumentException($"\"{text}\" has a quote or a backslash, which engines escape in different ways.", nameof(text))
        : $"'{text}'";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
