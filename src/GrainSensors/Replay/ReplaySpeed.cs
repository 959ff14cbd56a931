using System.Globalization;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>The speed of a replay: as fast as possible, or a multiple of the recorded pace.</summary>
internal sealed class ReplaySpeed
{
    private readonly double? _factor;

    private ReplaySpeed(double? factor) => _factor = factor;

    public static ReplaySpeed Max { get; } = new(null);

    /// <exception cref="UsageException">The text is neither <c>max</c> nor a factor such as <c>60x</c>.</exception>
    public static ReplaySpeed Parse(string option, string text)
    {
        if (text == "max")
        {
            return Max;
        }

        if (text.EndsWith('x')
            && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && factor > 0)
        {
            return new(factor);
        }

        throw new UsageException($"{option} must be max, 1x for the recorded pace, or a multiple such as 60x; got \"{text}\".");
    }

    /// <param name="recorded">Recorded time since the first reading, µs.</param>
    /// <param name="elapsed">Time since the first reading was produced.</param>
    /// <returns>The time to wait; null: the next reading is due.</returns>
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
