using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// The messages that were fetched from a partition since the last take. <see cref="FetchedReadings"/> holds the readings.
/// </summary>
internal sealed class FetchedBatch
{
    private long _rejectedBytes;

    /// <summary>The number of readings.</summary>
    public int Count;

    public List<DeadLetter> Rejected { get; } = [];

    /// <summary>The size of the messages that are kept: the rejected ones, and those of readings without a number.</summary>
    public long KeptBytes => _rejectedBytes + Unnamed.Bytes;

    /// <summary>The readings without a number, <see cref="SensorName.NoNumber"/>, in their order.</summary>
    public UnnamedReadings Unnamed { get; } = new();

    /// <summary>Whether a sensor of the batch has a name.</summary>
    public bool HasNames;

    /// <summary>Whether a measurement of the batch is not declared.</summary>
    public bool HasDiscovered;

    /// <summary>The offset after the last message, whether it is a reading or a dead letter. −1 if the batch is empty.</summary>
    public long NextOffset = -1;

    /// <summary>Readings that are traced. Usually none.</summary>
    public List<FollowedReading> Followed { get; } = [];

    /// <summary>Kafka's timestamp of the first message, ms since the epoch. 0 if it is not known.</summary>
    public long AppendedAt;

    /// <summary>Whether silos of older versions do not understand the batch.</summary>
    public bool IsOfLaterForm => HasNames || HasDiscovered;

    public bool IsEmpty => NextOffset < 0;

    public void Add(ReadingBatch batch)
    {
        var readings = batch.Readings;
        Count += readings.Length;
        HasDiscovered |= batch.HasDiscovered;
        for (var i = 0; i < readings.Length && !HasNames; i++)
        {
            HasNames = readings[i].SensorId < 0;
        }

        NextOffset = readings[^1].Offset + 1;
    }

    public void Reject(DeadLetter deadLetter)
    {
        Rejected.Add(deadLetter);
        _rejectedBytes += deadLetter.Size;
        NextOffset = deadLetter.Offset + 1;
    }

    public void Clear()
    {
        Count = 0;
        NextOffset = -1;
        AppendedAt = 0;
        Rejected.Clear();
        _rejectedBytes = 0;
        Unnamed.Clear();
        HasNames = HasDiscovered = false;
        Followed.Clear();
    }
}
