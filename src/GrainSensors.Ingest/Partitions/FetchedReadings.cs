using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The readings that were fetched from a partition since the last take, in the order of their offsets.</summary>
internal sealed class FetchedReadings
{
    private const int MaxLengthThatDoubles = 8192;

    public ReadingBatch All { get; } = new(256);

    /// <param name="readings">The readings to add.</param>
    /// <param name="capacity">The number of readings at which fetching stops. A few more may follow.</param>
    public void Add(ReadingBatch readings, int capacity)
    {
        var (count, values) = (All.Count + readings.Count, All.ValueCount + readings.ValueCount);
        if (All.Room < count)
        {
            // A partition with a large lag fills its whole capacity. Doubling on the way there would leave large arrays behind
            // until the next full collection.
            All.Reserve(Math.Max(count, All.Room < MaxLengthThatDoubles ? All.Room * 2 : capacity + (capacity / 16)), 0);
        }

        if (All.ValueRoom < values)
        {
            // As many values for each reading as there were so far, and some more.
            All.Reserve(0, (int)Math.Max(values, (long)values * All.Room / count * 17 / 16));
        }

        All.Add(readings);
    }
}
