using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Caching;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>A fetched message, or a signal of a rewind.</summary>
/// <param name="Message">Null with a signal.</param>
/// <param name="Rewind">The rewind of the message or of the signal; null for a message in its first pass.</param>
/// <param name="Signal">The signal of the <paramref name="Rewind"/>.</param>
internal readonly record struct Fetched(
    ConsumeResult<byte[]?, byte[]?>? Message, Rewind? Rewind, RewindSignal Signal = RewindSignal.None)
{
    /// <summary>Bytes that the message counts in the fetch limit.</summary>
    public int Bytes => PartitionCache.Overhead + (Message!.Message.Value?.Length ?? 0);
}
