using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>Writes events and creates the receivers of partitions.</summary>
internal sealed class KafkaAdapter(KafkaStreamConnection connection) : IQueueAdapter
{
    public string Name => connection.Clients.Provider;

    public bool IsRewindable => true;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext) => token is null
        ? connection.Writer.WriteAsync(streamId, events, requestContext)
        : throw new ArgumentException("Kafka assigns the position of an event in its stream; produce without a token.", nameof(token));

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => connection.OpenReceiver(queueId);
}
