using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Invocation;

/// <summary>Reads the values of options. An error names the option, the form that it takes, and the offending value.</summary>
internal static class OptionValues
{
    private static readonly string MaxPeriod = string.Create(CultureInfo.InvariantCulture, $"{Core.Windows.Period.MaxSeconds / 86_400}d");
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(10_000);

    /// <exception cref="UsageException">The text is not an integer in this range.</exception>
    public static int Integer(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{option} must be an integer from {least} to {most}; got \"{text}\".");

    /// <exception cref="UsageException">The text is not a duration above 0.</exception>
    public static TimeSpan Duration(string option, string text) =>
        Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= MaxDuration
            ? duration
            : throw new UsageException($"{option} must be a duration such as {Durations.Forms}; got \"{text}\".");

    /// <returns>The text, which is the length of a window.</returns>
    /// <exception cref="UsageException">Windows cannot have this length.</exception>
    public static string Period(string option, string text) => Core.Windows.Period.TryParse(text, out _, out _)
        ? text
        : throw new UsageException(
            $"{option} must be whole seconds, minutes, hours or days up to {MaxPeriod}, such as 15m or PT15M; got \"{text}\".");

    /// <returns>µs since the epoch; a text without an offset is UTC.</returns>
    /// <exception cref="UsageException">The text is not a time.</exception>
    public static long Time(string option, string text) => EpochTime.TryParse(text, out var micros)
        ? micros
        : throw new UsageException($"{option} must be a time such as {EpochTime.Forms}; got \"{text}\".");
}
