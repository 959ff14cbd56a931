using System.Globalization;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>How fast recorded time passes: as fast as it goes, or so many times as fast as it did.</summary>
internal sealed class ReplaySpeed
{
    private readonly double? _factor;

    private ReplaySpeed(double? factor) => _factor = factor;

    /// <exception cref="UsageException">The text is neither <c>max</c> nor a factor such as <c>60x</c>.</exception>
    public static ReplaySpeed Parse(string text)
    {
        if (text == "max")
        {
            return new(null);
        }

        if (text.EndsWith('x') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor) && factor > 0)
        {
            return new(factor);
        }

        throw new UsageException($"The speed \"{text}\" is none; use max, 1x for the pace of the recording, or a factor such as 60x.");
    }

    /// <param name="recorded">µs of recorded time since the first reading.</param>
    /// <param name="elapsed">Since the first reading was produced.</param>
    /// <returns>How long to wait; null: go on.</returns>
    public TimeSpan? WaitBefore(long recorded, TimeSpan elapsed)
    {
        if (_factor is not { } factor)
        {
            return null;
        }

        var wait = TimeSpan.FromMicroseconds(recorded / factor) - elapsed;
        return wait > TimeSpan.Zero ? wait : null;
    }
}
