using System.Globalization;

namespace GrainSensors.Silo.Commands;

/// <summary>Durations as people type them: <c>90s</c>, <c>10m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    private const double MaxSeconds = 366 * 86_400;

    /// <exception cref="UsageException">It is none, or longer than a year.</exception>
    public static TimeSpan Parse(string option, string text) => TryParse(text, out var span)
        ? span
        : throw new UsageException($"{option} is \"{text}\"; give a duration of up to a year such as 90s, 10m, 2h or 1d.");

    public static bool TryParse(string text, out TimeSpan span)
    {
        var unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        span = default;
        if (unit == 0 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * unit is <= 0 or > MaxSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(number * unit);
        return true;
    }
}
