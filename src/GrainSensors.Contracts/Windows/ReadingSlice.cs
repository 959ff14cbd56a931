using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Windows;

/// <summary>The readings of one sensor in a batch, ordered by offset: a part of the batch.</summary>
/// <remarks>
/// A call on the same silo passes the batch without a copy. The owner of the batch must not change it until every call has been
/// answered.
/// </remarks>
[Immutable]
public readonly struct ReadingSlice(ReadingBatch batch, int start, int count)
{
    public ReadingBatch Batch => batch;

    public int Count => count;

    public ReadOnlySpan<BatchedReading> Span => batch.Readings.Slice(start, count);

    public override string ToString() =>
        count == 0 ? "no readings" : $"{count} readings of sensor {Span[0].SensorId}, offsets {Span[0].Offset}…{Span[^1].Offset}";
}
