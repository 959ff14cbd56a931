using System.Buffers.Text;
using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Readings of a message by their index, as the header <see cref="DeadLetterHeaders.Parts"/> has them: <c>0,3</c>.</summary>
internal static class MessageParts
{
    public static string Format(IEnumerable<int> parts) =>
        string.Join(',', parts.Select(part => part.ToString(CultureInfo.InvariantCulture)));

    /// <param name="header">The header; empty: the message has none.</param>
    /// <returns>The indexes; null: all readings, also if the header is not a list of them.</returns>
    public static HashSet<int>? Parse(ReadOnlySpan<byte> header)
    {
        if (header.IsEmpty)
        {
            return null;
        }

        var parts = new HashSet<int>();
        foreach (var range in header.Split((byte)','))
        {
            if (!Utf8Parser.TryParse(header[range], out int part, out var length) || length != header[range].Length)
            {
                return null;
            }

            parts.Add(part);
        }

        return parts;
    }
}
