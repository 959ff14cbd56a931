namespace GrainSensors.Core.Windows;

/// <summary>
/// The order of the readings of a sensor: by event time, and of equal times by their place in the log. The order of arrival does not
/// matter.
/// </summary>
/// <param name="Timestamp">The event time, µs since the epoch.</param>
/// <param name="Index">The position among the readings of the sensor in the message.</param>
public readonly record struct ReadingOrder(long Timestamp, int Partition, long Offset, int Index)
{
    public bool IsAfter(ReadingOrder other) =>
        (Timestamp, Partition, Offset, Index).CompareTo((other.Timestamp, other.Partition, other.Offset, other.Index)) > 0;
}
