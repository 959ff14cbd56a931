using System.Globalization;

namespace GrainSensors.Web.Formatting;

/// <summary>Times of command output: UTC, ISO 8601.</summary>
internal static class UtcText
{
    /// <returns><c>2026-11-24T10:15:00Z</c>, rounded down to a second.</returns>
    public static string ToSeconds(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <returns><c>2026-11-24T10:15:00.123Z</c>, the resolution of Kafka's timestamps.</returns>
    public static string ToMilliseconds(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
