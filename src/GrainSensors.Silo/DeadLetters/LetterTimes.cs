using System.Globalization;

namespace GrainSensors.Silo.DeadLetters;

/// <summary>Moments as the options take them and the output has them.</summary>
internal static class LetterTimes
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Without an offset it is UTC.</summary>
    /// <exception cref="UsageException">It is no ISO 8601 time.</exception>
    public static DateTimeOffset Parse(string option, string text) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw new UsageException($"{option} \"{text}\" is no time; give one of ISO 8601 such as 2026-11-24, 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00.");

    /// <returns><c>2026-11-24T10:15:00Z</c>, the second that it falls into.</returns>
    public static string ToSeconds(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <returns><c>2026-11-24T10:15:00.123Z</c>, which is all that Kafka knows.</returns>
    public static string ToMilliseconds(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
