using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Windows;

/// <summary>
/// The length of tumbling windows: a fixed ISO 8601 duration of whole seconds. Windows are aligned to the
/// Unix epoch and half-open: start = ⌊t / period⌋ · period, and t is in [start, start + period).
/// </summary>
public readonly struct Period : IComparable<Period>, IEquatable<Period>
{
    /// <summary>The longest period: 3,660 days, so that no window arithmetic can overflow.</summary>
    public const long MaxSeconds = 3660L * 86_400;

    private const long DefaultSeconds = 15 * 60;
    private readonly long _seconds;

    private Period(long seconds) => _seconds = seconds;

    /// <summary>15 minutes.</summary>
    public static Period Default { get; } = new(DefaultSeconds);

    public long TotalSeconds => _seconds == 0 ? DefaultSeconds : _seconds;

    public long TotalMicros => TotalSeconds * EpochTime.MicrosPerSecond;

    /// <exception cref="ArgumentOutOfRangeException">Less than 1 s or more than <see cref="MaxSeconds"/>.</exception>
    public static Period FromSeconds(long seconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, MaxSeconds);
        return new(seconds);
    }

    /// <exception cref="ArgumentException">The duration is not a whole number of seconds in range.</exception>
    public static Period FromMicros(long micros)
    {
        if (micros % EpochTime.MicrosPerSecond != 0)
        {
            throw new ArgumentException($"A period of {micros} µs is not a whole number of seconds.", nameof(micros));
        }

        return FromSeconds(micros / EpochTime.MicrosPerSecond);
    }

    /// <exception cref="FormatException">The text is not a period; the message states the valid forms.</exception>
    public static Period Parse(string text) =>
        TryParse(text, out var period, out var error) ? period : throw new FormatException(error);

    /// <param name="error">If the result is false, a message that quotes the text and states the valid forms.</param>
    public static bool TryParse(string? text, out Period period, out string error)
    {
        period = default;
        var isDuration = Durations.TryParse(text, out var length);
        var isWhole = length.Ticks % TimeSpan.TicksPerSecond == 0;
        var seconds = (long)length.TotalSeconds;
        error = isDuration switch
        {
            false when Durations.HasNoFixedLength(text) =>
                $"The period \"{text}\" has months or years, which have no fixed length; use weeks, days, hours, minutes or seconds, "
                + "such as P30D.",
            false => $"\"{text}\" is not a period; use a whole number of seconds, minutes, hours or days, such as 15m, PT15M or P1D.",
            _ when seconds < 1 => $"The period \"{text}\" is shorter than one second; use PT1S or longer.",
            _ when !isWhole => $"The period \"{text}\" is not a whole number of seconds; use one such as 1s or 15m.",
            _ when seconds > MaxSeconds => $"The period \"{text}\" is longer than {MaxSeconds / 86_400} days; use a shorter one.",
            _ => "",
        };

        if (error.Length > 0)
        {
            return false;
        }

        period = new(seconds);
        return true;
    }

    /// <param name="micros">A time in µs since the epoch; it may be negative.</param>
    /// <returns>The start of the window that contains the time.</returns>
    public long StartOf(long micros) => EpochTime.FloorDivide(micros, TotalMicros) * TotalMicros;

    /// <summary>The canonical form, one for each length: <c>PT900S</c> and <c>PT15M</c> both give <c>PT15M</c>.</summary>
    public override string ToString()
    {
        var seconds = TotalSeconds;
        var (days, rest) = (seconds / 86_400, seconds % 86_400);
        var text = new StringBuilder("P");
        Append(text, days, 'D');
        if (rest > 0)
        {
            text.Append('T');
            Append(text, rest / 3600, 'H');
            Append(text, rest % 3600 / 60, 'M');
            Append(text, rest % 60, 'S');
        }

        return text.ToString();
    }

    public int CompareTo(Period other) => TotalSeconds.CompareTo(other.TotalSeconds);

    public bool Equals(Period other) => TotalSeconds == other.TotalSeconds;

    public override bool Equals(object? obj) => obj is Period other && Equals(other);

    public override int GetHashCode() => TotalSeconds.GetHashCode();

    public static bool operator ==(Period left, Period right) => left.Equals(right);

    public static bool operator !=(Period left, Period right) => !left.Equals(right);

    public static bool operator <(Period left, Period right) => left.CompareTo(right) < 0;

    public static bool operator >(Period left, Period right) => left.CompareTo(right) > 0;

    public static bool operator <=(Period left, Period right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Period left, Period right) => left.CompareTo(right) >= 0;

    private static void Append(StringBuilder text, long amount, char unit)
    {
        if (amount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }
    }
}
