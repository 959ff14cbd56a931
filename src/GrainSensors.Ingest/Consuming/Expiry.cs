using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Which readings come too late for the store to keep their window.</summary>
/// <param name="retention">Infinite: none does.</param>
public readonly struct Expiry(Period period, TimeSpan retention)
{
    /// <summary>
    /// Maintenance removes what ended before now − retention, every hour and by a clock of its own; what is taken here
    /// must not be gone at once, and its grain's next write be refused.
    /// </summary>
    private const long Margin = 2 * 3600 * EpochTime.MicrosPerSecond;

    private readonly long _retention = retention == Timeout.InfiniteTimeSpan ? long.MaxValue : EpochTime.From(retention);

    /// <param name="timestamp">Event time, µs since the epoch.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    public bool Has(long timestamp, long now)
    {
        if (_retention == long.MaxValue)
        {
            return false;
        }

        // A window ends after its readings, so the division is for the few that are old.
        var cutoff = now - _retention + Margin;
        return timestamp < cutoff && period.StartOf(timestamp) + period.TotalMicros <= cutoff;
    }
}
