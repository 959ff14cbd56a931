using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>Produces through the connection of a provider, without Orleans' stream handles.</summary>
internal sealed class DirectProducer(IServiceProvider services, string provider, DeepCopier copier) : IKafkaStreamProducer
{
    // The provider creates the factory when it starts, which may be later than this object.
    private readonly Lazy<KafkaAdapterFactory> _factory =
        new(() => (KafkaAdapterFactory)services.GetRequiredKeyedService<IQueueAdapterFactory>(provider));

    public Task ProduceAsync<T>(StreamId stream, IEnumerable<T> events) =>
        _factory.Value.Connection.Writer.WriteAsync(stream, events, RequestContextExtensions.Export(copier));
}
