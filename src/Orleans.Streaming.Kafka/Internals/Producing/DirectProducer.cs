using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Producing;

/// <summary>Writes into the connection of a provider, past Orleans' handles.</summary>
internal sealed class DirectProducer(IServiceProvider services, string provider, DeepCopier copier) : IKafkaStreamProducer
{
    // The factory is made when the provider starts, which may be after this.
    private readonly Lazy<KafkaAdapterFactory> _factory = new(() => (KafkaAdapterFactory)services.GetRequiredKeyedService<IQueueAdapterFactory>(provider));

    public Task ProduceAsync<T>(StreamId stream, IEnumerable<T> events) =>
        _factory.Value.Connection.Writer.WriteAsync(stream, events, RequestContextExtensions.Export(copier));
}
