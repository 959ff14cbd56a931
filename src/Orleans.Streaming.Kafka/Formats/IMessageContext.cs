using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>A message that a format converts. A message that was received needs no further object for each delivery.</summary>
internal interface IMessageContext
{
    string Topic { get; }

    StreamId StreamId { get; }

    /// <summary>Null without one.</summary>
    byte[]? Key { get; }

    Headers ToHeaders();
}
