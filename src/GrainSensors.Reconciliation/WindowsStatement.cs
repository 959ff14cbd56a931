using System.Globalization;
using System.Text;

namespace GrainSensors.Reconciliation;

/// <summary>The one definition of the windows, <c>sql/reconcile/windows.sql</c>, with its parameters filled in.</summary>
/// <remarks>
/// Filled in as text, since engines differ in what they take as parameters: all are whole numbers but for the measurement's
/// name, which is quoted, and the column, which is made here.
/// </remarks>
public static class WindowsStatement
{
    private static readonly Lazy<string> Definition = new(Read);

    /// <returns>The column of <c>readings</c> that holds a measurement, by its index.</returns>
    public static string Column(int measurement) => string.Create(CultureInfo.InvariantCulture, $"value_{measurement}");

    /// <param name="periodMicros">Length of the windows.</param>
    /// <param name="from">Least start, inclusive, a multiple of the period.</param>
    /// <param name="to">Greatest start, exclusive, a multiple of the period.</param>
    /// <param name="measurement">Its name.</param>
    /// <param name="index">Which column of <c>readings</c> holds it.</param>
    public static string For(long periodMicros, long from, long to, string measurement, int index) => Definition.Value
        .Replace("{period}", Number(periodMicros), StringComparison.Ordinal)
        .Replace("{from}", Number(from), StringComparison.Ordinal)
        .Replace("{to}", Number(to), StringComparison.Ordinal)
        .Replace("{column}", Column(index), StringComparison.Ordinal)
        .Replace("{measurement}", Quote(measurement), StringComparison.Ordinal);

    /// <summary>Of all measurements together.</summary>
    /// <inheritdoc cref="For"/>
    public static string ForAll(long periodMicros, long from, long to, IReadOnlyList<string> measurements) => string.Join(
        "\nUNION ALL\n", measurements.Select((measurement, index) => For(periodMicros, from, to, measurement, index)));

    /// <summary>Negative numbers in brackets: two minus signs begin a comment.</summary>
    private static string Number(long number) =>
        number < 0 ? string.Create(CultureInfo.InvariantCulture, $"({number})") : number.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentException">Engines read a backslash in a text in different ways.</exception>
    private static string Quote(string text) => text.AsSpan().ContainsAny('\'', '\\')
        ? throw new ArgumentException($"The measurement \"{text}\" cannot be recomputed: its name has a quote or a backslash.", nameof(text))
        : $"'{text}'";

    private static string Read()
    {
        using var stream = typeof(WindowsStatement).Assembly.GetManifestResourceStream("reconcile/windows.sql")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal));
        return string.Join('\n', lines).Trim();
    }
}
