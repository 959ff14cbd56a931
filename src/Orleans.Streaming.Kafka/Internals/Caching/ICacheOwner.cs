using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>Reads and writes Kafka for the cache of a partition.</summary>
internal interface ICacheOwner
{
    /// <summary>Reads messages again. They and the end of the rewind arrive in the cache as <see cref="RewindMessage"/>.</summary>
    void Read(Rewind rewind);

    /// <summary>Gives the stream to the pulling agent as one with messages, by <see cref="RewindSignal.Resume"/>.</summary>
    /// <param name="rewind">Its stream, and the offset where the stream continues; it reads no messages.</param>
    void Resume(Rewind rewind);

    /// <summary>Writes a dead letter and retries until Kafka has acknowledged it or the partition is closed.</summary>
    /// <param name="written">Called on any thread.</param>
    void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written);
}
