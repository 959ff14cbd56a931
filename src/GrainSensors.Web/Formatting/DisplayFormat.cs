using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Formatting;

/// <summary>Numbers and times on the console's pages: the same for every language of the browser, as in logs and tables.</summary>
internal static class DisplayFormat
{
    private const string Unknown = "–";

    /// <param name="value">Null or NaN: unknown.</param>
    public static string Number(double? value) => value switch
    {
        null => Unknown,
        { } v when double.IsNaN(v) => Unknown,
        { } v when Math.Abs(v) >= 10_000 => v.ToString("N0", CultureInfo.InvariantCulture),
        { } v => v.ToString("N2", CultureInfo.InvariantCulture),
    };

    /// <param name="value">Null: unknown.</param>
    public static string Count(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <param name="noun">In the singular; its plural ends in s.</param>
    /// <returns><c>1 window</c>, <c>2 windows</c>.</returns>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <param name="seconds">Null: unknown.</param>
    public static string Age(double? seconds) => seconds switch
    {
        null => Unknown,
        < 0.95 => "now",
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
    };

    /// <param name="at">µs since the epoch; null: unknown.</param>
    /// <param name="now">µs since the epoch.</param>
    public static string Since(long? at, long now) =>
        Age(at is { } then ? Math.Max(0, now - then) / (double)EpochTime.MicrosPerSecond : null);

    /// <summary>A time in UTC, for a place that names the zone, such as a column <c>Start (UTC)</c>.</summary>
    /// <param name="at">µs since the epoch.</param>
    public static string Time(long at) => EpochTime.ToDateTime(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <returns><c>Wind speed</c> for <c>wind_speed</c>.</returns>
    public static string Title(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');

    /// <returns><c>Temperature (°C)</c>, or the title alone if the unit is not known.</returns>
    public static string TitleWithUnit(string measurement, string unit) => WithUnit(Title(measurement), unit);

    /// <param name="unit">Empty: not known.</param>
    public static string WithUnit(string title, string unit) => unit.Length > 0 ? $"{title} ({unit})" : title;

    /// <returns><c>10 s</c>, <c>1 h 45 min</c>.</returns>
    public static string Duration(TimeSpan duration) =>
        duration < TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s")
        : duration < TimeSpan.FromHours(1) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.#} min")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(duration.TotalHours):0} h {duration.Minutes:00} min");

    /// <param name="durations">The sums of the intervals of alerts, µs.</param>
    /// <returns><c>10 occurrences, 10 s in alert</c>.</returns>
    public static string OccurrencesOf(Alert alert, IReadOnlyDictionary<Guid, long> durations) =>
        $"{Plural(alert.Occurrences, "occurrence")}, {Duration(EpochTime.ToTimeSpan(durations.GetValueOrDefault(alert.Id)))} in alert";

    /// <summary>The length of a window in its greatest whole unit.</summary>
    public static string Length(long seconds) => seconds switch
    {
        _ when seconds % 86_400 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400} d"),
        _ when seconds % 3600 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h"),
        _ when seconds % 60 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
    };

    /// <returns><c>15 min</c>, <c>1 h every 15 min</c>, <c>day in Europe/Madrid</c>.</returns>
    public static string Name(WindowPeriod period) => period switch
    {
        { Calendar: var (unit, zone) } => $"{NameOf(unit)} in {zone}",
        { Plain: { } plain } => Length(plain.TotalSeconds),
        _ => $"{Length(period.Size.TotalSeconds)} every {Length(period.Hop.TotalSeconds)}",
    };

    private static string NameOf(string unit) => unit switch
    {
        "P1D" => "day",
        "P1W" => "week",
        "P1M" => "month",
        "P3M" => "quarter",
        _ => "year",
    };
}
