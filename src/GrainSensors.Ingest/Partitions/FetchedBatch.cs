using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Partitions;

/// <summary>What was fetched from a partition since the last take, besides the readings themselves.</summary>
internal sealed class FetchedBatch
{
    /// <summary>Readings.</summary>
    public int Count;

    public List<DeadLetter> Rejected { get; } = [];

    /// <summary>The offset after the last message, taken or rejected.</summary>
    public long NextOffset = -1;

    /// <summary>Readings that somebody follows; none as a rule.</summary>
    public List<FollowedReading> Followed { get; } = [];

    /// <summary>Kafka's timestamp of the first message, ms since the epoch; 0: not known.</summary>
    public long AppendedAt;

    public bool IsEmpty => NextOffset < 0;

    public void Add(ReadOnlySpan<Reading> readings)
    {
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
