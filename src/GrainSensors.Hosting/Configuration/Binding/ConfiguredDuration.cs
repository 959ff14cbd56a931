using System.Globalization;
using GrainSensors.Core.Time;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>
/// Durations in configuration: the forms of <see cref="Durations"/>, <c>hh:mm:ss</c> with optional days, and <c>never</c>.
/// </summary>
internal static class ConfiguredDuration
{
    private const string Never = "never";

    /// <remarks>
    /// A bare number is refused: <see cref="TimeSpan"/> reads it as days, most people mean seconds.
    /// The old form of never, <c>-00:00:00.001</c>, is a time span that equals <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </remarks>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (text.Equals(Never, StringComparison.OrdinalIgnoreCase))
        {
            duration = Timeout.InfiniteTimeSpan;
            return true;
        }

        return Durations.TryParse(text, out duration)
            || (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration));
    }

    /// <returns>A text that <see cref="TryParse"/> reads, <c>hh:mm:ss</c> or <c>never</c>.</returns>
    public static string Format(TimeSpan duration) =>
        duration == Timeout.InfiniteTimeSpan ? Never : duration.ToString("c", CultureInfo.InvariantCulture);
}
