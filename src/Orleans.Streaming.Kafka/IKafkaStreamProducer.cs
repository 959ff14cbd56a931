namespace Orleans.Streaming.Kafka;

/// <summary>
/// Produces into the streams of a provider as <c>IAsyncStream&lt;T&gt;</c> does, without a handle for each: Orleans keeps every handle
/// for as long as the grain is active that asked for it, and for as long as the process lives where no grain did. To be had as a
/// keyed service with the name of the provider.
/// </summary>
public interface IKafkaStreamProducer
{
    /// <summary>Appends events to a stream, in this order, with the request context of the caller.</summary>
    /// <returns>When Kafka has acknowledged all of them.</returns>
    /// <exception cref="KafkaStreamException">Kafka has not acknowledged one.</exception>
    /// <exception cref="System.InvalidOperationException">The provider has not started.</exception>
    Task ProduceAsync<T>(StreamId stream, IEnumerable<T> events);
}
