namespace GrainSensors.Core.Alerts;

/// <summary>A reading of a sensor, without its values, or a look at the stream time. Times are in µs since the epoch.</summary>
/// <param name="At">The event time, or the stream time.</param>
/// <param name="HeardBefore">As in <see cref="WatchedValue"/>.</param>
/// <param name="WaitingSince"><see cref="SensorWatch.WaitingSince"/> before the reading.</param>
/// <param name="LastReadingAt"><see cref="SensorWatch.LastReadingAt"/> before the reading.</param>
internal readonly record struct WatchedReading(int SensorId, long At, long HeardBefore, long WaitingSince, long LastReadingAt)
{
    /// <inheritdoc cref="SensorWatch.Never"/>
    public const long Never = long.MinValue;

    /// <summary>The stream time of the source before the reading; <see cref="Never"/> if it is not known.</summary>
    public long StreamTime { get; init; } = Never;

    /// <summary>
    /// The time of the newest reading before, or from which the first one is expected; <see cref="Never"/> if there is none.
    /// </summary>
    public long ExpectedFrom => HeardBefore == Never ? WaitingSince : HeardBefore;

    /// <summary>Whether the sensor is connected by this reading.</summary>
    public bool IsGood { get; init; }
}
