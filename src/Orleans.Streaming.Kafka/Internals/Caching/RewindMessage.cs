using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Carries a message or a signal of a rewind through the pulling agent to the cache. The agent delivers the message inside, never
/// this container.
/// </summary>
/// <param name="message">Null with a signal.</param>
internal sealed class RewindMessage(Rewind rewind, RewindSignal signal, KafkaBatchContainer? message) : IBatchContainer
{
    public Rewind Rewind => rewind;

    public RewindSignal Signal => signal;

    public KafkaBatchContainer? Message => message;

    public StreamId StreamId => rewind.Stream;

    public StreamSequenceToken SequenceToken { get; } = message?.Token ?? new KafkaSequenceToken(rewind.To, 0);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => message?.GetEvents<T>() ?? [];

    public bool ImportRequestContext() => message?.ImportRequestContext() ?? false;
}
