using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Readings;

/// <summary>
/// The accepted event times: from <see cref="ReadingOptions.Earliest"/> to <see cref="ReadingOptions.MaxAhead"/> after now, both
/// inclusive.
/// </summary>
/// <remarks>
/// Independently of the options, the window of an accepted time is within the range of .NET and PostgreSQL for every period. One
/// reading outside it would fail every later step.
/// </remarks>
public sealed class AcceptedTimes
{
    private const long Margin = Period.MaxSeconds * EpochTime.MicrosPerSecond;
    private readonly long _maxAhead;

    /// <exception cref="ArgumentException"><see cref="ReadingOptions.MaxAhead"/> is negative.</exception>
    public AcceptedTimes(ReadingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MaxAhead < TimeSpan.Zero)
        {
            throw new ArgumentException($"MaxAhead must be a duration of at least 0; got {options.MaxAhead}.", nameof(options));
        }

        First = Math.Max(EpochTime.From(options.Earliest), EpochTime.Min + Margin);
        _maxAhead = EpochTime.From(options.MaxAhead);
    }

    /// <summary>The first accepted time, µs since the epoch.</summary>
    public long First { get; }

    /// <summary>The last time that is ever accepted, µs since the epoch.</summary>
    public static long Last => EpochTime.Max - Margin;

    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <returns>The last accepted time, µs since the epoch.</returns>
    public long LastAt(long now) => Math.Min(now + _maxAhead, Last);

    public bool Contain(long timestamp, long now) => timestamp >= First && timestamp <= LastAt(now);
}
