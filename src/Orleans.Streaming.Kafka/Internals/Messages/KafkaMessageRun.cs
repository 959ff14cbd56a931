using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>
/// Messages of a stream that follow each other, delivered in one call. Should that fail, it is the first of them alone that is
/// tried again: one that cannot be delivered keeps no other from being so.
/// </summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.messages")]
internal sealed class KafkaMessageRun(KafkaBatchContainer[] messages) : IBatchContainer
{
    /// <summary>Replaced, never changed: a call that was given up may still be under way.</summary>
    [Id(0)]
    private KafkaBatchContainer[] _messages = messages;

    [NonSerialized]
    private int _attempts;

    public StreamId StreamId => _messages[0].StreamId;

    /// <summary>Of the last one: whoever has taken the run has taken it.</summary>
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

    /// <summary>Pulling agents ask before each attempt.</summary>
    /// <returns>False: the messages of a run have no context.</returns>
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
