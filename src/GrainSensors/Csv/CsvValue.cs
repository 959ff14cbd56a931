using System.Globalization;
using GrainSensors.Core.Text;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Csv;

/// <summary>Reads the values of cells, and shows invalid ones.</summary>
internal static class CsvValue
{
    /// <summary>The most characters of a cell in a message.</summary>
    public const int Width = 60;

    private const char DecimalComma = ',';

    /// <summary>The longest text of a number with a decimal comma; a double has at most 767 significant digits.</summary>
    private const int MaxLength = 1024;

    private static readonly string[] NoValue = ["nan", "na", "n/a", "null", "-"];

    /// <summary>Whether the cell says that there is no value, as spreadsheets, R, Python and loggers write it.</summary>
    public static bool IsMissing(ReadOnlySpan<char> cell)
    {
        if (cell.IsEmpty)
        {
            return true;
        }

        if (cell.Length > 4 || char.IsAsciiDigit(cell[^1]))
        {
            return false;
        }

        foreach (var word in NoValue)
        {
            if (cell.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="allowsComma">Whether one comma, and no point, is the decimal separator.</param>
    /// <returns>False if the text is not a finite number.</returns>
    public static bool TryParse(ReadOnlySpan<char> cell, bool allowsComma, out double value)
    {
        Span<char> buffer = stackalloc char[MaxLength];
        return double.TryParse(WithPoint(cell, allowsComma, buffer), NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <inheritdoc cref="TryParse"/>
    public static bool TryParseDecimal(ReadOnlySpan<char> cell, bool allowsComma, out decimal value)
    {
        Span<char> buffer = stackalloc char[MaxLength];
        return decimal.TryParse(WithPoint(cell, allowsComma, buffer), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <returns>The cell in quotes, safe to print.</returns>
    public static string Quote(ReadOnlySpan<char> cell) => $"\"{PrintableText.Escape(cell, Width)}\"";

    /// <summary>Removes the apostrophe that <c>CsvWriter</c> sets before the start of a formula.</summary>
    public static string Unescape(ReadOnlySpan<char> cell) =>
        (cell is ['\'', ..] && CsvWriter.IsEscaped(cell) ? cell[1..] : cell).ToString();

    private static ReadOnlySpan<char> WithPoint(ReadOnlySpan<char> cell, bool allowsComma, Span<char> buffer)
    {
        if (!allowsComma || cell.Contains('.') || cell.Count(DecimalComma) != 1 || cell.Length > buffer.Length)
        {
            return cell;
        }

        cell.Replace(buffer, DecimalComma, '.');
        return buffer[..cell.Length];
    }
}
