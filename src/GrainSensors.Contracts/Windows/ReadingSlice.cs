using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Windows;

/// <summary>
/// The readings of one sensor in a batch: a piece of the batch's array, which a call on the same silo hands over
/// without a copy. Ordered by offset. Whoever owns the array leaves it alone until every call has been answered.
/// </summary>
[Immutable]
public readonly struct ReadingSlice(Reading[] batch, int start, int count)
{
    public int Count => count;

    public ReadOnlySpan<Reading> Span => batch.AsSpan(start, count);

    public override string ToString() =>
        count == 0 ? "no readings" : $"{count} readings of sensor {Span[0].SensorId}, offsets {Span[0].Offset}…{Span[^1].Offset}";
}
