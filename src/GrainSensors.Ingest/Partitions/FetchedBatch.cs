using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Partitions;

/// <summary>What was fetched from a partition since the last take, in the order of offsets.</summary>
internal sealed class FetchedBatch
{
    private const int MaxLengthThatDoubles = 8192;

    public Reading[] Readings = new Reading[256];

    public int Count;

    public List<DeadLetter> Rejected { get; } = [];

    /// <summary>The offset after the last message, taken or rejected.</summary>
    public long NextOffset = -1;

    /// <summary>Readings that somebody follows; none as a rule.</summary>
    public List<FollowedReading> Followed { get; } = [];

    /// <summary>Kafka's timestamp of the first message, ms since the epoch; 0: not known.</summary>
    public long AppendedAt;

    public bool IsEmpty => NextOffset < 0;

    public ReadOnlySpan<Reading> Span => Readings.AsSpan(0, Count);

    /// <param name="capacity">Fetching stops at so many, or a few more.</param>
    public void Add(ReadOnlySpan<Reading> readings, int capacity)
    {
        if (Readings.Length - Count < readings.Length)
        {
            // Whoever has much waiting fills it all: arrays that double on the way there would be large ones, and stay until the
            // next full collection.
            var size = Readings.Length < MaxLengthThatDoubles ? Readings.Length * 2 : capacity + (capacity / 16);
            Array.Resize(ref Readings, Math.Max(size, Count + readings.Length));
        }

        readings.CopyTo(Readings.AsSpan(Count));
        Count += readings.Length;
        NextOffset = readings[^1].Offset + 1;
    }

    public void Reject(DeadLetter letter)
    {
        Rejected.Add(letter);
        NextOffset = letter.Offset + 1;
    }

    public void Clear()
    {
        Count = 0;
        NextOffset = -1;
        AppendedAt = 0;
        Rejected.Clear();
        Followed.Clear();
    }
}
