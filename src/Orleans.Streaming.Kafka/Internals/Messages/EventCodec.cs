using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>Converts events to message values and back. Each process has one.</summary>
internal sealed class EventCodec(
    IServiceProvider services, Serializer<object[]> serializer, Serializer<Dictionary<string, object>> contextSerializer)
{
    public byte[] Encode(object[] events) => serializer.SerializeToArray(events);

    public object[] Decode(byte[] value) => serializer.Deserialize(value) ?? [];

    public byte[] EncodeContext(Dictionary<string, object> context) => contextSerializer.SerializeToArray(context);

    public Dictionary<string, object> DecodeContext(byte[] value) => contextSerializer.Deserialize(value) ?? [];

    /// <returns>Whether the message is a dead letter now.</returns>
    public bool TryReject(KafkaBatchContainer message, Exception error) =>
        ConnectionOf(message)?.Unreadable.TryReject(message, error) ?? false;

    /// <returns>The Kafka clients of the message's provider; null if this process does not have it.</returns>
    public KafkaClients? ClientsOf(KafkaBatchContainer message) => ConnectionOf(message)?.Clients;

    /// <exception cref="KafkaStreamException">The process has no format of that name.</exception>
    public IKafkaMessageFormat Format(string name) => services.GetKeyedService<IKafkaMessageFormat>(name)
        ?? throw new KafkaStreamException(
            $"This process has no message format \"{name}\"; add it with AddFormat, as in the process that reads the topic.");

    private KafkaStreamConnection? ConnectionOf(KafkaBatchContainer message) => message.Provider is { } provider
        && services.GetKeyedService<IQueueAdapterFactory>(provider) is KafkaAdapterFactory { IsStarted: true } factory
            ? factory.Connection
            : null;
}
