using System.Globalization;

namespace GrainSensors.Core.Time;

/// <summary>A date, or a date and a time, as ISO 8601 writes them.</summary>
/// <remarks>
/// <para>
/// The date is a calendar date (<c>2026-11-24</c>), a week date (<c>2026-W48-2</c>) or an ordinal date (<c>2026-328</c>). <c>T</c> or
/// a blank separates the time. The basic form, without dashes and colons, is allowed for date and time together. The time has hours,
/// optionally minutes, and optionally seconds with a fraction of any length after a point or a comma. The offset is <c>Z</c>, <c>UTC</c>,
/// <c>±hh</c>, <c>±hhmm</c> or <c>±hh:mm</c>, and may follow a blank.
/// </para>
/// <para>
/// <c>24:00:00</c> is the start of the next day. So is the leap second 23:59:60 UTC with its fraction cut off, as in Unix time and
/// PostgreSQL: epoch seconds have no number for it.
/// </para>
/// </remarks>
/// <param name="LocalMicros">The date and time as written, in µs since 1970-01-01T00:00:00 of the same clock.</param>
/// <param name="OffsetMinutes">How far that clock is ahead of UTC; null: the text has no offset.</param>
public readonly record struct Iso8601Time(long LocalMicros, int? OffsetMinutes)
{
    private const int MinutesPerDay = 24 * 60;

    /// <summary>The offsets of all time zones are at most this far from UTC.</summary>
    private const int MaxOffsetMinutes = 14 * 60;

    private static readonly long Min = (DateTime.MinValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long Max = (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>µs since the epoch; a time without an offset is UTC.</summary>
    public long UtcMicros => LocalMicros - ((OffsetMinutes ?? 0) * TimeSpan.MicrosecondsPerMinute);

    /// <returns>False if the text has another form, does not exist, or is outside of the years 1 to 9999.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Iso8601Time time)
    {
        time = default;
        var rest = text;
        if (!TryReadDate(ref rest, out var day, out var isBasic))
        {
            return false;
        }

        if (rest.IsEmpty)
        {
            time = new(day * MinutesPerDay * TimeSpan.MicrosecondsPerMinute, null);
            return true;
        }

        if (rest[0] is not ('T' or 't' or ' '))
        {
            return false;
        }

        rest = rest[1..];
        if (!TryReadClock(ref rest, isBasic, out var minutes, out var micros) || !TryReadOffset(rest, out var offset))
        {
            return false;
        }

        if (micros >= TimeSpan.MicrosecondsPerMinute)
        {
            if ((minutes - (offset ?? 0) + (2 * MinutesPerDay)) % MinutesPerDay != MinutesPerDay - 1)
            {
                return false;
            }

            micros = TimeSpan.MicrosecondsPerMinute;
        }

        time = new((((day * MinutesPerDay) + minutes) * TimeSpan.MicrosecondsPerMinute) + micros, offset);
        return IsInRange(time.LocalMicros) && IsInRange(time.UtcMicros);
    }

    private static bool IsInRange(long micros) => micros >= Min && micros <= Max;

    /// <param name="day">Days since 1970-01-01.</param>
    private static bool TryReadDate(ref ReadOnlySpan<char> rest, out long day, out bool isBasic)
    {
        (day, isBasic) = (0, false);
        if (!TryReadDigits(ref rest, 4, out var year) || year == 0)
        {
            return false;
        }

        isBasic = !TrySkip(ref rest, '-');
        if (!rest.IsEmpty && rest[0] is 'W' or 'w')
        {
            rest = rest[1..];
            return TryReadDigits(ref rest, 2, out var week)
                && (isBasic || TrySkip(ref rest, '-'))
                && TryReadDigits(ref rest, 1, out var weekday)
                && TryDayOfWeek(year, week, weekday, out day);
        }

        var digits = DigitsAtStart(rest);
        if (digits == 3)
        {
            return TryReadDigits(ref rest, 3, out var ordinal)
                && ordinal >= 1 && ordinal <= (DateTime.IsLeapYear(year) ? 366 : 365)
                && TryDay(year, 1, 1, out day, ordinal - 1);
        }

        return (!isBasic || digits == 4)
            && TryReadDigits(ref rest, 2, out var month)
            && (isBasic || TrySkip(ref rest, '-'))
            && TryReadDigits(ref rest, 2, out var dayOfMonth)
            && TryDay(year, month, dayOfMonth, out day);
    }

    private static bool TryDay(int year, int month, int dayOfMonth, out long day, int later = 0)
    {
        var exists = month is >= 1 and <= 12 && dayOfMonth >= 1 && dayOfMonth <= DateTime.DaysInMonth(year, month);
        day = exists ? new DateOnly(year, month, dayOfMonth).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber + later : 0;
        return exists;
    }

    private static bool TryDayOfWeek(int year, int week, int weekday, out long day)
    {
        day = 0;
        if (weekday is < 1 or > 7 || week < 1 || week > ISOWeek.GetWeeksInYear(year))
        {
            return false;
        }

        // The fourth of January is always in week 1.
        TryDay(year, 1, 4, out var fourth);
        var weekdayOfFourth = ((int)new DateOnly(year, 1, 4).DayOfWeek + 6) % 7;
        day = fourth - weekdayOfFourth + ((week - 1) * 7) + weekday - 1;
        return true;
    }

    /// <param name="minutes">Whole minutes since midnight.</param>
    /// <param name="micros">The seconds and their fraction; a minute or more in a leap second.</param>
    private static bool TryReadClock(ref ReadOnlySpan<char> rest, bool isBasic, out int minutes, out long micros)
    {
        (minutes, micros) = (0, 0);
        if (!TryReadDigits(ref rest, 2, out var hour) || hour > 24
            || !TryReadMinute(ref rest, isBasic, out var minute))
        {
            return false;
        }

        minutes = (hour * 60) + minute;
        var hasSeconds = isBasic ? DigitsAtStart(rest) > 0 : TrySkip(ref rest, ':');
        if (hasSeconds)
        {
            if (!TryReadDigits(ref rest, 2, out var second) || second > 60 || !TryReadFraction(ref rest, out micros))
            {
                return false;
            }

            micros += second * TimeSpan.MicrosecondsPerSecond;
        }

        return hour < 24 || (minute == 0 && micros == 0);
    }

    /// <summary>The minute may be absent, but an hour takes no fraction.</summary>
    private static bool TryReadMinute(ref ReadOnlySpan<char> rest, bool isBasic, out int minute)
    {
        minute = 0;
        var isAbsent = isBasic ? DigitsAtStart(rest) == 0 : !TrySkip(ref rest, ':');
        return isAbsent || (TryReadDigits(ref rest, 2, out minute) && minute <= 59);
    }

    /// <summary>Cuts a fraction to the microsecond.</summary>
    private static bool TryReadFraction(ref ReadOnlySpan<char> rest, out long micros)
    {
        micros = 0;
        if (!TrySkip(ref rest, '.') && !TrySkip(ref rest, ','))
        {
            return true;
        }

        var length = DigitsAtStart(rest);
        for (var (i, weight) = (0, TimeSpan.MicrosecondsPerSecond / 10); i < length && weight > 0; i++, weight /= 10)
        {
            micros += (rest[i] - '0') * weight;
        }

        rest = rest[length..];
        return length > 0;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> rest, out int? minutes)
    {
        minutes = null;
        if (rest.IsEmpty)
        {
            return true;
        }

        rest = rest[0] == ' ' ? rest[1..] : rest;
        if (rest is "Z" or "z" or "UTC")
        {
            minutes = 0;
            return true;
        }

        var isBehind = !rest.IsEmpty && rest[0] == '-';
        if (!(isBehind || (!rest.IsEmpty && rest[0] == '+')))
        {
            return false;
        }

        rest = rest[1..];
        var minute = 0;
        if (!TryReadDigits(ref rest, 2, out var hour)
            || !(rest.IsEmpty || ((TrySkip(ref rest, ':') || !rest.IsEmpty) && TryReadDigits(ref rest, 2, out minute) && rest.IsEmpty))
            || minute > 59 || (hour * 60) + minute > MaxOffsetMinutes)
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (isBehind ? -1 : 1);
        return true;
    }

    private static bool TryReadDigits(ref ReadOnlySpan<char> rest, int count, out int number)
    {
        number = 0;
        if (rest.Length < count)
        {
            return false;
        }

        foreach (var c in rest[..count])
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        rest = rest[count..];
        return true;
    }

    private static int DigitsAtStart(ReadOnlySpan<char> rest) =>
        rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length;

    private static bool TrySkip(ref ReadOnlySpan<char> rest, char c)
    {
        if (rest.IsEmpty || rest[0] != c)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }
}
