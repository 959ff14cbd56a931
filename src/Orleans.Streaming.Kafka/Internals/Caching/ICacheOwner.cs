using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>What the cache of a partition asks of the rest.</summary>
internal interface ICacheOwner
{
    /// <summary>Reads messages again; they and the end of them come through <see cref="PartitionCache.AddToCache"/>.</summary>
    void Read(Rewind rewind);

    /// <summary>Writes a dead letter, and tries until Kafka has it or the partition is given up.</summary>
    /// <param name="written">Called on any thread.</param>
    void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written);
}
