using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Readings;

/// <summary>The event times that a reading may have: from <see cref="ReadingOptions.Earliest"/> to <see cref="ReadingOptions.MaxAhead"/> after now, both inclusive.</summary>
/// <remarks>
/// Whatever is configured, a moment whose window could not be named by .NET and PostgreSQL, for any period, is
/// not accepted: one such reading would fail every later step.
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
            throw new ArgumentException($"MaxAhead is {options.MaxAhead}; give a time span of zero or more.", nameof(options));
        }

        First = Math.Max(EpochTime.From(options.Earliest), EpochTime.Min + Margin);
        _maxAhead = EpochTime.From(options.MaxAhead);
    }

    /// <summary>The first moment accepted, µs since the epoch.</summary>
    public long First { get; }

    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <returns>The last moment accepted, µs since the epoch.</returns>
    public long LastAt(long now) => Math.Min(now + _maxAhead, EpochTime.Max - Margin);

    public bool Contain(long timestamp, long now) => timestamp >= First && timestamp <= LastAt(now);
}
