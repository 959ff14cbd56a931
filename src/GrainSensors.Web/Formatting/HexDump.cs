using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Formatting;

/// <summary>Bytes in hexadecimal, 16 in a row: the offset, the bytes, and the same bytes as ASCII with a dot for others.</summary>
internal static class HexDump
{
    private const int RowLength = 16;

    public static IEnumerable<string> Rows(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += RowLength)
        {
            yield return Row(at, bytes.AsSpan(at, Math.Min(RowLength, bytes.Length - at)));
        }
    }

    private static string Row(int at, ReadOnlySpan<byte> bytes)
    {
        var row = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{at:x8} ");
        for (var i = 0; i < RowLength; i++)
        {
            row.Append(i == RowLength / 2 ? "  " : " ");
            row.Append(i < bytes.Length ? bytes[i].ToString("x2", CultureInfo.InvariantCulture) : "  ");
        }

        row.Append("  |");
        foreach (var value in bytes)
        {
            row.Append(value is >= 0x20 and < 0x7f ? (char)value : '.');
        }

        return row.Append('|').ToString();
    }
}
