namespace Orleans.Streaming.Kafka;

/// <summary>
/// Produces events to the streams of a provider as <c>IAsyncStream&lt;T&gt;</c> does, without a stream handle. Orleans keeps each
/// handle until the deactivation of its grain, or until the end of the process outside of a grain. The service is keyed by the name
/// of the provider.
/// </summary>
public interface IKafkaStreamProducer
{
    /// <summary>Appends events to a stream in their order, with the request context of the caller.</summary>
    /// <typeparam name="T">The type of the stream.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="events">The events.</param>
    /// <returns>A task that completes when Kafka has acknowledged all events.</returns>
    /// <exception cref="KafkaStreamException">Kafka has not acknowledged an event.</exception>
    /// <exception cref="System.InvalidOperationException">The provider has not started.</exception>
    Task ProduceAsync<T>(StreamId stream, IEnumerable<T> events);
}
