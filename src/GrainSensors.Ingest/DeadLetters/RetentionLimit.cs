using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Finds readings that are too old: the store no longer keeps their window.</summary>
/// <param name="retention">How long the store keeps windows. Infinite if it keeps all of them.</param>
public readonly struct RetentionLimit(Period period, TimeSpan retention)
{
    /// <summary>
    /// Maintenance runs every hour by its own clock and removes windows that ended before now − retention. A reading within
    /// this margin could lose its row at once, and the next write of its grain would be refused.
    /// </summary>
    private const long Margin = 2 * 3600 * EpochTime.MicrosPerSecond;

    /// <summary>
    /// A reading that may have been accepted before is not judged by an older time than this: its window would be removed while it is
    /// written.
    /// </summary>
    public const long MostRepeated = Margin / 2;

    private readonly long _retention = retention == Timeout.InfiniteTimeSpan ? long.MaxValue : EpochTime.From(retention);

    /// <summary>Whether the window of a reading is past retention.</summary>
    /// <param name="timestamp">The event time, µs since the epoch.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    public bool IsExpired(long timestamp, long now)
    {
        if (_retention == long.MaxValue)
        {
            return false;
        }

        // A window ends after its readings, so only old readings need the division.
        var cutoff = now - _retention + Margin;
        return timestamp < cutoff && period.StartOf(timestamp) + period.TotalMicros <= cutoff;
    }
}
