using System.Globalization;

namespace GrainSensors.Core.Time;

/// <summary>
/// The parser of durations: <c>30s</c>, <c>15m</c>, <c>24h</c>, <c>7d</c>, or ISO 8601 such as <c>PT15M</c> and <c>P1D</c>.
/// </summary>
public static class Durations
{
    /// <summary>Examples of the forms, for messages.</summary>
    public const string Forms = "30s, 15m, 24h, 7d or PT15M";

    /// <returns>False if the duration is negative, has no fixed length (months, years) or is in another form.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text[0] == 'P')
        {
            var isFixed = Iso8601Duration.Parse(text, out var whole) == Iso8601Duration.Outcome.Parsed;
            duration = isFixed ? TimeSpan.FromSeconds(whole) : default;
            return isFixed;
        }

        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        if (unit == 0
            || !double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || !(number * unit <= Iso8601Duration.MaxSeconds))
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(number * unit);
        return true;
    }

    /// <returns>The duration in the largest unit that divides it, such as <c>90m</c>.</returns>
    public static string Format(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        var (unit, name) = seconds == 0 || seconds % 60 != 0 ? (1, 's') : seconds % 3_600 != 0 ? (60, 'm')
            : seconds % 86_400 != 0 ? (3_600, 'h') : (86_400, 'd');
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / unit:0.######}{name}");
    }

    /// <returns>Whether the text is an ISO 8601 duration with months or years.</returns>
    public static bool HasNoFixedLength(string? text) => Iso8601Duration.Parse(text, out _) == Iso8601Duration.Outcome.NotFixed;
}
