using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>
/// The failure of a delivery whose subscriber waits for what the format of its process lacks. Orleans does not give the exception of a
/// delivery to its provider, so the exception reports itself: where it is thrown, and where a silo receives it.
/// </summary>
/// <remarks>Without the inner exception of the format: a silo need not know its class, and then receives another exception.</remarks>
[GenerateSerializer, Alias("kafka-streams.format-unavailable-for"), SerializationCallbacks(typeof(OnDeserializedCallbacks))]
internal sealed class FormatUnavailableException(string provider, string topic, int partition, KafkaFormatUnavailableException reason)
    : Exception(reason.Message), IOnDeserialized
{
    [Id(0)]
    private readonly string _provider = provider;

    [Id(1)]
    private readonly string _topic = topic;

    [Id(2)]
    private readonly int _partition = partition;

    public void Report(EventCodec codec) => codec.Origin(_provider)?.FormatUnavailable(_topic, _partition);

    void IOnDeserialized.OnDeserialized(DeserializationContext context)
    {
        if (context.ServiceProvider.GetService<EventCodec>() is { } codec)
        {
            Report(codec);
        }
    }
}
