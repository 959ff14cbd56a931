namespace GrainSensors.Core.Time;

/// <summary>The parser of ISO 8601 durations of fixed length, <c>P[nW][nD][T[nH][nM][nS]]</c>.</summary>
/// <remarks>
/// Weeks may stand beside the other units, as ISO 8601-2 allows. <see cref="System.Xml.XmlConvert.ToTimeSpan"/> does not fit: it
/// rejects weeks and reads a month as 30 days.
/// </remarks>
internal static class Iso8601Duration
{
    /// <summary>The result for longer durations: more than any caller accepts, and too little to overflow.</summary>
    public const long MaxSeconds = 100_000L * 86_400;

    public enum Outcome
    {
        Parsed,
        Malformed,
        NotFixed,
    }

    public static Outcome Parse(string? text, out long seconds)
    {
        seconds = 0;
        if (text is null || text.Length < 3 || text[0] != 'P')
        {
            return Outcome.Malformed;
        }

        var (inTime, hasUnit, notFixed) = (false, false, false);
        var lastUnit = long.MaxValue;
        var i = 1;
        while (i < text.Length)
        {
            if (text[i] == 'T')
            {
                if (inTime || ++i == text.Length)
                {
                    return Outcome.Malformed;
                }

                inTime = true;
                continue;
            }

            var digits = i;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
            {
                i++;
            }

            // 12 digits keep amount · unit within 64 bits. Callers reject durations that are too long for them.
            if (i == digits || i - digits > 12 || i == text.Length)
            {
                return Outcome.Malformed;
            }

            var unit = UnitSeconds(text[i++], inTime, ref notFixed);
            if (unit == 0 || unit >= lastUnit)
            {
                return Outcome.Malformed;
            }

            lastUnit = unit;
            hasUnit = true;
            var amount = long.Parse(text.AsSpan(digits, i - 1 - digits), System.Globalization.CultureInfo.InvariantCulture);
            seconds = Math.Min(seconds + (amount * Math.Min(unit, 604_800)), MaxSeconds);
        }

        return !hasUnit ? Outcome.Malformed : notFixed ? Outcome.NotFixed : Outcome.Parsed;
    }

    private static long UnitSeconds(char unit, bool inTime, ref bool notFixed)
    {
        switch (unit, inTime)
        {
            case ('Y', false):
                notFixed = true;
                return 31_536_000;
            case ('M', false):
                notFixed = true;
                return 2_592_000;
            case ('W', false): return 604_800;
            case ('D', false): return 86_400;
            case ('H', true): return 3_600;
            case ('M', true): return 60;
            case ('S', true): return 1;
            default: return 0;
        }
    }
}
