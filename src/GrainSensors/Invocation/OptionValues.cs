using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Invocation;

/// <summary>Reads values of options that several commands have.</summary>
internal static class OptionValues
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(10_000);

    /// <exception cref="UsageException">The text is not a duration above 0.</exception>
    public static TimeSpan Duration(string option, string text) => Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= MaxDuration
        ? duration
        : throw new UsageException($"{option} must be a duration such as {Durations.Forms}; got \"{text}\".");

    /// <returns>µs since the epoch; UTC where the text has no offset.</returns>
    /// <exception cref="UsageException">The text is not a time.</exception>
    public static long Time(string option, string text) => EpochTime.TryParse(text, out var micros)
        ? micros
        : throw new UsageException($"{option} must be a time such as {EpochTime.Forms}; got \"{text}\".");
}
