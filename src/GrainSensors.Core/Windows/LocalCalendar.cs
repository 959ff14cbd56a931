using GrainSensors.Core.Time;
using NodaTime;
using NodaTime.TimeZones;

namespace GrainSensors.Core.Windows;

/// <summary>A unit of the local calendar.</summary>
internal enum CalendarUnit
{
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// <summary>
/// Days, weeks, months, quarters or years of a time zone, each from the start of its first day. Weeks begin on Monday.
/// </summary>
/// <remarks>
/// A day has 23 or 25 hours where clocks are set forward or back. Where midnight is skipped, the day begins with the first moment
/// after it; where it comes twice, with the first one.
/// </remarks>
internal sealed class LocalCalendar(CalendarUnit unit, DateTimeZone zone)
{
    private const long TicksPerMicro = TimeSpan.TicksPerMicrosecond;

    /// <summary>9998-12-01: no zone has a year 10000, in which a unit may end. The first unit that begins later is the last one.</summary>
    private const long LastChecked = 253_368_172_800 * EpochTime.MicrosPerSecond;

    private static readonly ZoneLocalMappingResolver FirstMoment =
        Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    /// <returns>The first moment of a day, µs since the epoch.</returns>
    public static long StartOfDay(LocalDate day, DateTimeZone zone) =>
        MicrosOf(zone.ResolveLocal(day.AtMidnight(), FirstMoment).ToInstant());

    /// <param name="micros">A time in µs since the epoch.</param>
    /// <returns>The last start that is not after the time.</returns>
    public long StartOf(long micros)
    {
        var day = FirstDayAt(Math.Min(micros, LastChecked));

        // Clocks that are set back over midnight show a day once more after the next one has begun.
        while (Start(day) < LastChecked && Start(After(day)) <= micros)
        {
            day = After(day);
        }

        return Math.Max(Start(day), EpochTime.Min);
    }

    /// <param name="start">A result of <see cref="StartOf"/>.</param>
    /// <returns>The first start after it; <see cref="EpochTime.Max"/> for the last one.</returns>
    public long EndOf(long start)
    {
        if (start >= LastChecked)
        {
            return EpochTime.Max;
        }

        var day = FirstDayAt(start);
        while (Start(day) <= start)
        {
            day = After(day);
        }

        return Start(day);
    }

    private LocalDate FirstDayAt(long micros)
    {
        var date = InstantOf(micros).InZone(zone).Date;
        return unit switch
        {
            CalendarUnit.Day => date,
            CalendarUnit.Week => date.PlusDays(1 - (int)date.DayOfWeek),
            CalendarUnit.Month => new(date.Year, date.Month, 1),
            CalendarUnit.Quarter => new(date.Year, date.Month - ((date.Month - 1) % 3), 1),
            _ => new(date.Year, 1, 1),
        };
    }

    private LocalDate After(LocalDate day) => unit switch
    {
        CalendarUnit.Day => day.PlusDays(1),
        CalendarUnit.Week => day.PlusDays(7),
        CalendarUnit.Month => day.PlusMonths(1),
        CalendarUnit.Quarter => day.PlusMonths(3),
        _ => day.PlusYears(1),
    };

    private long Start(LocalDate day) => StartOfDay(day, zone);

    public static Instant InstantOf(long micros) => Instant.FromUnixTimeTicks(micros * TicksPerMicro);

    public static long MicrosOf(Instant instant) => instant.ToUnixTimeTicks() / TicksPerMicro;
}
