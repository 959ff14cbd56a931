using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using NodaTime;
using NodaTime.Text;

namespace GrainSensors.Replay;

/// <summary>The options for the times of a recording.</summary>
internal sealed class TimeOptions
{
    /// <summary>Two digits of a year are in this century.</summary>
    private const int LastTwoDigitYear = 99;

    /// <summary>A time of which every part, and the half of the day, can be told from its text.</summary>
    private static readonly LocalDateTime Sample = new LocalDateTime(2023, 11, 27, 23, 58, 59).PlusNanoseconds(123_456_789);

    public Option<LocalDateTimePattern?> Format { get; } = CommonOptions.Parsed<LocalDateTimePattern?>(
        "--time-format",
        "FORMAT",
        "Format of the timestamps, such as \"dd/MM/yyyy HH:mm\" [default: ISO 8601 or epoch]",
        Pattern);

    public Option<DateTimeZone?> Zone { get; } = CommonOptions.Parsed<DateTimeZone?>(
        "--time-zone",
        "ZONE",
        "Time zone of timestamps without an offset, such as Europe/Madrid [default: UTC]",
        NamedZone);

    private static DateTimeZone NamedZone(string option, string text)
    {
        var zones = DateTimeZoneProviders.Tzdb;
        if (zones.GetZoneOrNull(text) is { } zone)
        {
            return zone;
        }

        var nearest = zones.Ids.FirstOrDefault(id => id.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? NearestWord.Of(text, zones.Ids);
        throw new UsageException(
            $"{option} must be a time zone such as Europe/Madrid; got \"{text}\"{(nearest is null ? "." : $"; did you mean {nearest}?")}");
    }

    private static LocalDateTimePattern Pattern(string option, string text)
    {
        LocalDateTimePattern pattern;
        try
        {
            if (text.Length == 1)
            {
                // A single letter stands for a pattern that the library chooses.
                throw new InvalidPatternException();
            }

            pattern = LocalDateTimePattern.CreateWithInvariantCulture(text).WithTwoDigitYearMax(LastTwoDigitYear);
        }
        catch (InvalidPatternException e)
        {
            throw new UsageException(
                $"{option} must be a format such as \"dd/MM/yyyy HH:mm\"; got \"{text}\". Put other letters into single quotes, as in "
                + "\"yyyy-MM-dd'T'HH:mm:ss\".",
                e);
        }

        var read = pattern.Parse(pattern.Format(Sample));
        return read.Success && IsWhole(read.Value) && IsInOrder(text)
            ? pattern
            : throw new UsageException(
                $"{option} must have day (dd), month (MM) and year (yyyy), and hours (HH, or hh with tt) before minutes (mm), "
                + $"such as \"dd/MM/yyyy HH:mm\"; got \"{text}\".");
    }

    /// <summary>Minutes before hours are a month that was written in small letters.</summary>
    private static bool IsInOrder(string format) =>
        format.IndexOf('m', StringComparison.Ordinal) is var minutes
        && (minutes < 0 || format.AsSpan(0, minutes).ContainsAny('H', 'h'));

    /// <summary>Whether nothing but the smallest parts of the time was lost.</summary>
    private static bool IsWhole(LocalDateTime read) =>
        read.Date == Sample.Date
        && (read.TimeOfDay == LocalTime.Midnight
            || (read.Hour == Sample.Hour && read.Minute == 0 && read.Second == 0)
            || (read.Hour == Sample.Hour && read.Minute == Sample.Minute && (read.Second == 0 || read.Second == Sample.Second)));
}
