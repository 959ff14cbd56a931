using System.Globalization;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Formatting;

/// <summary>Numbers and times as the pages show them, whatever the browser's language: as logs and tables have them.</summary>
internal static class DisplayFormat
{
    private const string None = "–";

    public static string Number(double? value) => value switch
    {
        null => None,
        { } v when double.IsNaN(v) => None,
        { } v when Math.Abs(v) >= 10_000 => v.ToString("N0", CultureInfo.InvariantCulture),
        { } v => v.ToString("N2", CultureInfo.InvariantCulture),
    };

    public static string Count(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? None;

    /// <param name="seconds">Null: not known.</param>
    public static string Age(double? seconds) => seconds switch
    {
        null => None,
        < 0.95 => "now",
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
    };

    /// <param name="at">µs since the epoch.</param>
    /// <param name="now">µs since the epoch.</param>
    public static string Since(long? at, long now) => Age(at is { } then ? Math.Max(0, now - then) / (double)EpochTime.MicrosPerSecond : null);

    /// <param name="at">µs since the epoch.</param>
    public static string Time(long at) => EpochTime.ToDateTime(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <param name="at">µs since the epoch.</param>
    public static string ShortTime(long at) => EpochTime.ToDateTime(at).ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The unit of the measurements whose unit is known.</summary>
    public static string Unit(string metric) => metric switch
    {
        "temperature" => "°C",
        "humidity" => "%",
        _ => "",
    };

    /// <returns>With a capital first.</returns>
    public static string Title(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..].Replace('_', ' ');

    /// <summary>Of a period, as people say it.</summary>
    public static string Length(long seconds) => seconds switch
    {
        _ when seconds % 86_400 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400} d"),
        _ when seconds % 3600 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h"),
        _ when seconds % 60 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
    };
}
