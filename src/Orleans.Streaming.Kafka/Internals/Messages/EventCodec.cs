using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>Turns events into the values of messages, and back. One for each process.</summary>
internal sealed class EventCodec(IServiceProvider services, Serializer<object[]> serializer, Serializer<Dictionary<string, object>> contextSerializer)
{
    public byte[] Encode(object[] events) => serializer.SerializeToArray(events);

    public object[] Decode(byte[] value) => serializer.Deserialize(value) ?? [];

    public byte[] EncodeContext(Dictionary<string, object> context) => contextSerializer.SerializeToArray(context);

    public Dictionary<string, object> DecodeContext(byte[] value) => contextSerializer.Deserialize(value) ?? [];

    /// <exception cref="KafkaStreamException">No format of that name was added.</exception>
    public IKafkaMessageFormat Format(string name) => services.GetKeyedService<IKafkaMessageFormat>(name)
        ?? throw new KafkaStreamException($"There is no message format \"{name}\" in this process; add it with AddFormat, as in the process that reads the topic.");
}
