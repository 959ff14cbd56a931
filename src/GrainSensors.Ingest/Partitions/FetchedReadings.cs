using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The readings that were fetched from a partition since the last take, in the order of their offsets.</summary>
internal sealed class FetchedReadings
{
    private const int MaxLengthThatDoubles = 8192;

    private Reading[] _readings = new Reading[256];
    private int _count;

    public ReadOnlySpan<Reading> Span => _readings.AsSpan(0, _count);

    public int Room => _readings.Length;

    /// <param name="readings">The readings to add.</param>
    /// <param name="capacity">The number of readings at which fetching stops. A few more may follow.</param>
    public void Add(ReadOnlySpan<Reading> readings, int capacity)
    {
        if (_readings.Length - _count < readings.Length)
        {
            // A partition with a large lag fills its whole capacity. Doubling on the way there would leave large arrays behind
            // until the next full collection.
            var size = _readings.Length < MaxLengthThatDoubles ? _readings.Length * 2 : capacity + (capacity / 16);
            Array.Resize(ref _readings, Math.Max(size, _count + readings.Length));
        }

        readings.CopyTo(_readings.AsSpan(_count));
        _count += readings.Length;
    }

    public void Clear() => _count = 0;
}
