using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Formatting;

/// <summary>Writes CSV: a field with a comma, a quote or a line break is quoted, and a number reads back as the same double.</summary>
/// <param name="keepsFormulas">
/// False: an apostrophe precedes a text that a spreadsheet would run as a formula. A negative number is none.
/// </param>
/// <remarks>A line reaches the output at its end, asynchronously: the body of an HTTP response refuses synchronous writes.</remarks>
internal sealed class CsvWriter(TextWriter output, bool keepsFormulas = false)
{
    private const string FormulaStarts = "=+-@\t\r";
    private readonly StringBuilder _line = new();
    private bool _hasFields;

    /// <param name="text">Null is an empty field.</param>
    public CsvWriter Add(string? text)
    {
        var line = Separate();
        if (!keepsFormulas && text is not null && IsEscaped(text) && !IsNegative(text))
        {
            text = $"'{text}";
        }

        if (text is null || !text.AsSpan().ContainsAny(",\"\r\n"))
        {
            line.Append(text);
        }
        else
        {
            line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return this;
    }

    public CsvWriter Add(long number)
    {
        Separate().Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }

    /// <param name="number">Null is an empty field.</param>
    public CsvWriter Add(double? number)
    {
        Separate().Append(CultureInfo.InvariantCulture, $"{number:R}");
        return this;
    }

    public CsvWriter Add(bool value) => Add(value ? "true" : "false");

    public CsvWriter Add(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            Add(text);
        }

        return this;
    }

    public async Task EndLineAsync()
    {
        await output.WriteAsync(_line.Append('\n'));
        _line.Clear();
        _hasFields = false;
    }

    /// <returns>Whether the text begins a formula, or one that is escaped already.</returns>
    public static bool IsEscaped(ReadOnlySpan<char> text) =>
        text.TrimStart('\'') is [var first, ..] && FormulaStarts.Contains(first, StringComparison.Ordinal);

    /// <returns>Whether the text is a negative number, which no spreadsheet runs. Devices may send such a name.</returns>
    private static bool IsNegative(ReadOnlySpan<char> text) =>
        text is ['-', ..]
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);

    private StringBuilder Separate()
    {
        if (_hasFields)
        {
            _line.Append(',');
        }

        _hasFields = true;
        return _line;
    }
}
