using NodaTime;

namespace GrainSensors.Core.Windows;

/// <summary>A day of a time zone, from its first moment to that of the next day: 23, 24 or 25 hours.</summary>
public sealed class LocalDay
{
    public const string Utc = "UTC";

    private readonly DateTimeZone _zone;

    private LocalDay(DateOnly date, DateTimeZone zone)
    {
        (Date, _zone) = (date, zone);
        var day = LocalDate.FromDateOnly(date);
        (From, To) = (LocalCalendar.StartOfDay(day, zone), LocalCalendar.StartOfDay(day.PlusDays(1), zone));
    }

    public DateOnly Date { get; }

    /// <summary>The name of the time zone.</summary>
    public string Zone => _zone.Id;

    public bool IsUtc => Zone == Utc;

    /// <summary>Inclusive, µs since the epoch.</summary>
    public long From { get; }

    /// <summary>Exclusive, µs since the epoch.</summary>
    public long To { get; }

    /// <returns>Whether it is the name of a time zone, such as <c>Europe/Madrid</c>.</returns>
    public static bool IsZone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null;

    /// <param name="zone">Such as <c>Europe/Madrid</c>.</param>
    /// <exception cref="FormatException">The zone is unknown, or has skipped the day.</exception>
    public static LocalDay Of(DateOnly date, string zone)
    {
        var day = new LocalDay(date, ZoneOf(zone));
        return day.From < day.To ? day : throw new FormatException($"The time zone {zone} has no {date:yyyy-MM-dd}.");
    }

    /// <param name="micros">A time in µs since the epoch.</param>
    /// <exception cref="FormatException">The zone is unknown.</exception>
    public static DateOnly DateAt(long micros, string zone) => At(micros, ZoneOf(zone)).Date.ToDateOnly();

    /// <param name="micros">A time in µs since the epoch.</param>
    /// <returns>The time that clocks of the zone show.</returns>
    public DateTime ClockAt(long micros) => At(micros, _zone).ToDateTimeUnspecified();

    /// <param name="hour">From 0 to 24.</param>
    /// <returns>When clocks show the full hour, or first pass it; µs since the epoch.</returns>
    public long AtHour(int hour) => hour == 24
        ? To
        : LocalCalendar.MicrosOf(LocalDate.FromDateOnly(Date).At(new(hour, 0)).InZoneLeniently(_zone).ToInstant());

    /// <param name="micros">A time of the day, µs since the epoch.</param>
    /// <returns>The hour that clocks show. Where they show the end of the day before once more, it is the first hour.</returns>
    public int HourAt(long micros) => ClockAt(micros) is var clock && DateOnly.FromDateTime(clock) < Date ? 0 : clock.Hour;

    /// <returns>Whether the day consists of whole windows.</returns>
    public bool HasWhole(Period period) => period.StartOf(From) == From && period.StartOf(To) == To;

    private static LocalDateTime At(long micros, DateTimeZone zone) =>
        LocalCalendar.InstantOf(micros).InZone(zone).LocalDateTime;

    private static DateTimeZone ZoneOf(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name)
        ?? throw new FormatException($"The time zone \"{name}\" is unknown; use a name such as Europe/Madrid.");
}
