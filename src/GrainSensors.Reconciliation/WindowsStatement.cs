using System.Globalization;
using System.Text;

namespace GrainSensors.Reconciliation;

/// <summary>
/// The definitions of the windows, <c>sql/reconcile/windows.sql</c>, of their percentiles, <c>percentiles.sql</c>, and of their values,
/// <c>values.sql</c>, with their parameters filled in.
/// </summary>
/// <remarks>
/// The parameters are filled in as text, because engines accept parameters in different places. All parameters are integers,
/// except the name of the measurement, which is quoted, and the column, which this class names.
/// </remarks>
public static class WindowsStatement
{
    /// <summary>Leaves the smallest value of each step, as the stream does.</summary>
    private const string Steps =
        """
        (
                SELECT sensor_id, event_time - ((event_time % {step}) + {step}) % {step} AS event_time, min({column}) AS {column}
                FROM {table}
                WHERE {column} IS NOT NULL
                GROUP BY 1, 2
            ) AS steps
        """;

    private static readonly Lazy<string> Definition = new(() => Read("windows"));
    private static readonly Lazy<string> Percentiles = new(() => Read("percentiles"));
    private static readonly Lazy<string> Values = new(() => Read("values"));

    /// <param name="measurement">The index of the measurement.</param>
    /// <returns>The column of <c>readings</c> that holds the measurement.</returns>
    public static string Column(int measurement) => string.Create(CultureInfo.InvariantCulture, $"value_{measurement}");

    /// <summary>The statement for one measurement.</summary>
    /// <param name="periodMicros">Length of the windows, µs.</param>
    /// <param name="from">Earliest window start, inclusive; a multiple of the period.</param>
    /// <param name="to">Latest window start, exclusive; a multiple of the period.</param>
    /// <param name="measurement">Name of the measurement.</param>
    /// <param name="index">Index of the measurement, which names the column of <c>readings</c>.</param>
    /// <param name="step">Length of a step of which one value counts, µs, a divisor of the period; null: every value counts.</param>
    /// <param name="table">The table or the statement that has the column.</param>
    public static string For(
        long periodMicros, long from, long to, string measurement, int index, long? step = null, string table = "readings") =>
        Of(Definition.Value, measurement, ValuesOf(periodMicros, from, to, index, step, table));

    /// <summary>The statement for the percentiles of one measurement: sensor, measurement, start of the window, percentiles.</summary>
    /// <inheritdoc cref="For"/>
    public static string PercentilesOf(
        long periodMicros, long from, long to, string measurement, int index, long? step = null, string table = "readings") =>
        Of(Percentiles.Value, measurement, ValuesOf(periodMicros, from, to, index, step, table));

    /// <summary>The statement for the values of one measurement: sensor, start of the window, time and value.</summary>
    /// <inheritdoc cref="For"/>
    public static string ValuesOf(long periodMicros, long from, long to, int index, long? step = null, string table = "readings") =>
        Values.Value
        .Replace("{readings}", step is null ? table : Steps, StringComparison.Ordinal)
        .Replace("{table}", table, StringComparison.Ordinal)
        .Replace("{step}", Number(step ?? 0), StringComparison.Ordinal)
        .Replace("{period}", Number(periodMicros), StringComparison.Ordinal)
        .Replace("{from}", Number(from), StringComparison.Ordinal)
        .Replace("{to}", Number(to), StringComparison.Ordinal)
        .Replace("{column}", Column(index), StringComparison.Ordinal);

    /// <summary>Whether the name of a measurement can be written into the statement.</summary>
    public static bool Takes(string measurement) => !measurement.AsSpan().ContainsAny('\'', '\\');

    private static string Of(string definition, string measurement, string values) => definition
        .Replace("{values}", values, StringComparison.Ordinal)
        .Replace("{measurement}", Quote(measurement), StringComparison.Ordinal);

    /// <summary>Writes a negative number in parentheses: two minus signs would begin a comment.</summary>
    private static string Number(long number) =>
        number < 0 ? string.Create(CultureInfo.InvariantCulture, $"({number})") : number.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentException">The text has a quote or a backslash, which engines escape in different ways.</exception>
    private static string Quote(string text) => !Takes(text)
        ? throw new ArgumentException(
            $"The measurement \"{text}\" cannot be recomputed: its name has a quote or a backslash.", nameof(text))
        : $"'{text}'";

    private static string Read(string name)
    {
        using var stream = typeof(WindowsStatement).Assembly.GetManifestResourceStream($"reconcile/{name}.sql")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal));
        return string.Join('\n', lines).Trim();
    }
}
