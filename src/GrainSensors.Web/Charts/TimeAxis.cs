using System.Globalization;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Charts;

/// <summary>The round times below a chart.</summary>
internal static class TimeAxis
{
    private const int MostTicks = 8;
    private const long Second = EpochTime.MicrosPerSecond;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private static readonly long[] Steps =
    [
        10 * Second, 30 * Second, Minute, 5 * Minute, 15 * Minute, 30 * Minute, Hour, 3 * Hour, 6 * Hour, 12 * Hour,
        Day, 2 * Day, 7 * Day, 14 * Day, 30 * Day, 60 * Day, 180 * Day,
    ];

    /// <param name="first">µs since the epoch.</param>
    /// <param name="last">µs since the epoch.</param>
    /// <returns>Times in µs since the epoch, with their text in UTC.</returns>
    public static IEnumerable<(long At, string Text)> Ticks(long first, long last)
    {
        var step = Steps.FirstOrDefault(step => (last - first) / step <= MostTicks, 365 * Day);
        var format = step < Minute ? "HH:mm:ss" : step >= Day ? "yyyy-MM-dd" : last - first > Day ? "MM-dd HH:mm" : "HH:mm";
        for (var at = (first + step - 1) / step * step; at <= last; at += step)
        {
            yield return (at, EpochTime.ToDateTime(at).ToString(format, CultureInfo.InvariantCulture));
        }
    }
}
