using GrainSensors.Core.Time;
using NodaTime;

namespace GrainSensors.Core.Windows;

/// <summary>
/// A period with hop or time zone: tumbling windows (<c>PT15M</c>), hopping windows of one hour that begin every five minutes
/// (<c>PT1H/PT5M</c>), or units of the local calendar (<c>P1D@Europe/Madrid</c>).
/// </summary>
/// <remarks>Windows without a time zone are aligned to the Unix epoch. All windows are half-open.</remarks>
public sealed class WindowPeriod : IEquatable<WindowPeriod>
{
    /// <summary>The most windows that contain a moment. Each of them is merged again after a late reading.</summary>
    public const int MaxWindows = 1440;

    private static readonly string[] UnitTexts = ["P1D", "P1W", "P1M", "P3M", "P1Y"];

    /// <summary>The greatest length of each unit, in days.</summary>
    private static readonly int[] UnitDays = [1, 7, 31, 92, 366];

    /// <summary>The years for which <see cref="FindBoundaryWithin(Period)"/> searches the calendar.</summary>
    private static readonly (long First, long Last) CheckedTimes = (0, new DateTimeOffset(2100, 1, 1, 0, 0, 0, default)
        .ToUnixTimeSeconds() * EpochTime.MicrosPerSecond);

    private readonly Period _size;
    private readonly Period _hop;
    private readonly LocalCalendar? _calendar;
    private readonly string _text;

    private WindowPeriod(Period size, Period hop)
    {
        (_size, _hop) = (size, hop);
        _text = size == hop ? size.ToString() : $"{size}/{hop}";
    }

    private WindowPeriod(CalendarUnit unit, DateTimeZone zone)
    {
        _size = _hop = Period.FromSeconds(UnitDays[(int)unit] * 86_400L);
        _calendar = new(unit, zone);
        _text = $"{UnitTexts[(int)unit]}@{zone.Id}";
    }

    public WindowPeriod(Period period)
        : this(period, period)
    {
    }

    /// <summary>The size of the windows. Units of the calendar count with their greatest length: 92 days for a quarter.</summary>
    public Period Size => _size;

    /// <summary>The time between two starts. Units of the calendar count with their greatest length.</summary>
    public Period Hop => _hop;

    public bool Overlaps => _size != _hop;

    /// <summary>The plain period; null: windows overlap, or follow a calendar.</summary>
    public Period? Plain => _calendar is null && _size == _hop ? _size : null;

    /// <summary>
    /// The unit of the calendar, such as <c>P1D</c>, and the name of its time zone; null: the windows follow no calendar.
    /// </summary>
    public (string Unit, string Zone)? Calendar =>
        _calendar is not null && _text.IndexOf('@', StringComparison.Ordinal) is var at ? (_text[..at], _text[(at + 1)..]) : null;

    /// <exception cref="FormatException">The text is not a period; the message states the valid forms.</exception>
    public static WindowPeriod Parse(string text) =>
        TryParse(text, out var error) ?? throw new FormatException(error);

    /// <param name="error">If the result is null, a message that quotes the text and states what to do.</param>
    /// <returns>The period; null if the text is none.</returns>
    public static WindowPeriod? TryParse(string? text, out string error)
    {
        if ((text ?? "").IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            return OfCalendar(text!, text![..at], text[(at + 1)..], out error);
        }

        var (size, hop) = (text ?? "").Split('/', 2) is [var first, var second] ? (first, second) : (text, text);
        if (!Period.TryParse(size, out var length, out error) || !Period.TryParse(hop, out var step, out error))
        {
            error = Durations.HasNoFixedLength(text)
                ? $"The period \"{text}\" has months or years, which have no fixed length; name a time zone, such as "
                + "P1M@Europe/Madrid, or use weeks, days, hours, minutes or seconds."
                : error;
            return null;
        }

        error = length.TotalSeconds % step.TotalSeconds != 0
            ? $"The hop of the period \"{text}\" must divide its size; {hop} does not divide {size}. Use one such as PT1H/PT5M."
            : length.TotalSeconds / step.TotalSeconds > MaxWindows
                ? $"The period \"{text}\" puts each reading into {length.TotalSeconds / step.TotalSeconds} windows, more than "
                + $"{MaxWindows}; use a longer hop."
                : "";
        return error.Length == 0 ? new(length, step) : null;
    }

    /// <param name="micros">A time in µs since the epoch.</param>
    /// <returns>The starts of the windows that contain the time, in order.</returns>
    public IEnumerable<long> StartsOver(long micros)
    {
        if (_calendar is not null)
        {
            yield return _calendar.StartOf(micros);
            yield break;
        }

        var last = _hop.StartOf(micros);
        for (var start = last - _size.TotalMicros + _hop.TotalMicros; start <= last; start += _hop.TotalMicros)
        {
            yield return start;
        }
    }

    /// <param name="micros">A time in µs since the epoch.</param>
    /// <returns>The first start that is not before the time.</returns>
    public long FirstAt(long micros)
    {
        var start = _calendar?.StartOf(micros) ?? _hop.StartOf(micros);
        return start == micros ? start : _calendar?.EndOf(start) ?? start + _hop.TotalMicros;
    }

    /// <param name="start">The start of a window, µs since the epoch.</param>
    /// <returns>Its end, exclusive.</returns>
    public long EndOf(long start) => _calendar?.EndOf(start) ?? start + _size.TotalMicros;

    /// <summary>Finds a window that begins within a pane. Windows of a time zone are searched from 1970 to 2100.</summary>
    /// <returns>The start of the first one, µs since the epoch; null if the size of the pane divides every boundary.</returns>
    public long? FindBoundaryWithin(Period pane) => FindBoundaryWithin(pane, CheckedTimes.First, CheckedTimes.Last);

    /// <param name="from">The first time for which the calendar is searched, µs since the epoch.</param>
    /// <param name="to">The last one, exclusive; no later than 2100 is searched.</param>
    /// <inheritdoc cref="FindBoundaryWithin(Period)"/>
    public long? FindBoundaryWithin(Period pane, long from, long to)
    {
        if (_calendar is null)
        {
            return _hop.TotalSeconds % pane.TotalSeconds == 0 ? null : _hop.TotalMicros;
        }

        to = Math.Min(to, CheckedTimes.Last);
        for (var start = _calendar.StartOf(from); start < to; start = _calendar.EndOf(start))
        {
            if (pane.StartOf(start) != start)
            {
                return start;
            }
        }

        return null;
    }

    /// <summary>Finds a window that begins within a window of another period, as <see cref="FindBoundaryWithin(Period)"/>.</summary>
    /// <param name="other">Its windows do not overlap.</param>
    public long? FindBoundaryWithin(WindowPeriod other)
    {
        if (other._calendar is not { } calendar)
        {
            return FindBoundaryWithin(other._size);
        }

        if (_calendar is null)
        {
            return 0;
        }

        for (var start = _calendar.StartOf(CheckedTimes.First); start < CheckedTimes.Last; start = _calendar.EndOf(start))
        {
            if (calendar.StartOf(start) != start)
            {
                return start;
            }
        }

        return null;
    }

    /// <summary>The canonical form, one for each period: <c>PT60M/PT300S</c> and <c>PT1H/PT5M</c> both give <c>PT1H/PT5M</c>.</summary>
    public override string ToString() => _text;

    public bool Equals(WindowPeriod? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as WindowPeriod);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    private static WindowPeriod? OfCalendar(string text, string size, string zone, out string error)
    {
        var unit = size switch
        {
            "P7D" => (int)CalendarUnit.Week,
            "P12M" => (int)CalendarUnit.Year,
            _ => Array.IndexOf(UnitTexts, size),
        };
        var known = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone);
        error = size.Contains('/', StringComparison.Ordinal)
            ? $"The period \"{text}\" has a hop and a time zone; use only one of them, such as PT1H/PT5M or P1D@Europe/Madrid."
            : unit < 0
                ? $"The period \"{text}\" has a time zone, which needs a unit of the calendar; use P1D, P1W, P1M, P3M or P1Y before the @."
                : known is null
                    ? $"The time zone \"{zone}\" of the period \"{text}\" is unknown; use a name such as Europe/Madrid."
                    : "";
        return error.Length == 0 ? new((CalendarUnit)unit, known!) : null;
    }
}
