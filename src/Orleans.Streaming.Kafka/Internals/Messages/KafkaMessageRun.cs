using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>
/// Consecutive messages of a stream, delivered in one call. After a failure the agent retries only the first message, so one bad
/// message does not block the others.
/// </summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.messages")]
internal sealed class KafkaMessageRun(KafkaBatchContainer[] messages) : IBatchContainer
{
    /// <summary>The array is replaced and never modified, because a call that has timed out may still run.</summary>
    [Id(0)]
    private KafkaBatchContainer[] _messages = messages;

    [NonSerialized]
    private int _attempts;

    public StreamId StreamId => _messages[0].StreamId;

    /// <summary>Token of the last message: a subscriber takes a run as a whole.</summary>
    public StreamSequenceToken SequenceToken => _messages[^1].Token;

    public int Count => _messages.Length;

    internal IEnumerable<long> Offsets => _messages.Select(message => message.Offset);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        foreach (var message in _messages)
        {
            foreach (var item in message.GetEvents<T>())
            {
                yield return item;
            }
        }
    }

    /// <summary>Counts the attempts, because pulling agents call this method before each.</summary>
    /// <returns>False: the messages of a run have no request context.</returns>
    public bool ImportRequestContext()
    {
        if (++_attempts > 1 && _messages.Length > 1)
        {
            _messages = [_messages[0]];
        }

        return false;
    }

    public override string ToString() => $"{_messages[0]} and {_messages.Length - 1} more";
}
