using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>Converts events to message values and back. Each process has one.</summary>
internal sealed class EventCodec(
    IServiceProvider services, Serializer<object[]> serializer, Serializer<Dictionary<string, object>> contextSerializer)
{
    public byte[] Encode(object[] events) => serializer.SerializeToArray(events);

    public object[] Decode(byte[] value) => serializer.Deserialize(value) ?? [];

    public byte[] EncodeContext(Dictionary<string, object> context) => contextSerializer.SerializeToArray(context);

    public Dictionary<string, object> DecodeContext(byte[] value) => contextSerializer.Deserialize(value) ?? [];

    /// <param name="provider">The name of a stream provider; null in messages of older versions.</param>
    /// <returns>The provider; null if this process does not have it.</returns>
    public IMessageOrigin? Origin(string? provider) => provider is null ? null : services.GetKeyedService<IMessageOrigin>(provider);

    /// <exception cref="KafkaStreamException">The process has no format of that name.</exception>
    public IKafkaMessageFormat Format(string name) => services.GetKeyedService<IKafkaMessageFormat>(name)
        ?? throw new KafkaStreamException(
            $"This process has no message format \"{name}\"; add it with AddFormat, as in the process that reads the topic.");
}
