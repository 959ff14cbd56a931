namespace GrainSensors.Csv;

/// <summary>
/// Splits one line into fields. A field may be quoted; a quote inside it is doubled.
/// </summary>
/// <remarks>
/// One line is one record. In a reader for whole files a single stray quote would swallow all following lines, but a recording
/// with one broken line must keep all others.
/// </remarks>
internal static class CsvLine
{
    /// <summary>Further fields are ignored.</summary>
    public const int MaxFields = 256;

    /// <param name="fields">Receives the fields, without the quotes around them.</param>
    /// <returns>The number of fields; −1: a quote is unclosed or misplaced.</returns>
    public static int Split(ReadOnlySpan<char> line, char delimiter, Span<Range> fields)
    {
        if (!line.Contains('"'))
        {
            return line.Split(fields, delimiter);
        }

        var (count, start) = (0, 0);
        while (count < fields.Length)
        {
            int end;
            if (start < line.Length && line[start] == '"')
            {
                var close = ClosingQuote(line, start + 1);
                end = close + 1;
                if (close < 0 || (end < line.Length && line[end] != delimiter))
                {
                    return -1;
                }

                fields[count++] = (start + 1)..close;
            }
            else
            {
                var length = line[start..].IndexOf(delimiter);
                end = length < 0 ? line.Length : start + length;
                if (line[start..end].Contains('"'))
                {
                    return -1;
                }

                fields[count++] = start..end;
            }

            if (end == line.Length)
            {
                return count;
            }

            start = end + 1;
        }

        return count;
    }

    private static int ClosingQuote(ReadOnlySpan<char> line, int from)
    {
        for (var i = from; i < line.Length; i++)
        {
            if (line[i] != '"')
            {
                continue;
            }

            if (i + 1 == line.Length || line[i + 1] != '"')
            {
                return i;
            }

            i++;
        }

        return -1;
    }
}
