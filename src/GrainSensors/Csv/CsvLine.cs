namespace GrainSensors.Csv;

/// <summary>
/// Splits one line into fields; a field may stand in quotes, a quote in it is doubled.
/// </summary>
/// <remarks>
/// One line is one record here. A reader for whole files would let a single stray quote swallow all that follows, and
/// of a recording with a broken line everything else has to be kept.
/// </remarks>
internal static class CsvLine
{
    /// <summary>More columns than this are not looked at.</summary>
    public const int MaxFields = 256;

    /// <param name="fields">Where the fields are put, without quotes around them.</param>
    /// <returns>How many fields there are; −1: a quote is not closed, or stands where none can.</returns>
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
