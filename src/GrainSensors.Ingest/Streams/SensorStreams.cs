using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>
/// The Orleans streams that silos produce, one for each sensor, by the provider <see cref="Provider"/>. Their events are the
/// JSON of the topics, so that an application can subscribe to the same topics with types of its own.
/// </summary>
/// <remarks>
/// The silos do not subscribe to these streams: ingest has its own consumer, and only other applications subscribe to windows
/// and alerts. Therefore the provider only produces here.
/// </remarks>
internal sealed class SensorStreams(IServiceProvider services, KafkaClients clients)
{
    /// <summary>The name of the stream provider.</summary>
    public const string Provider = "Kafka";

    /// <summary>The namespace of readings.</summary>
    public const string Readings = "sensor-data";

    /// <summary>The namespace of closed windows.</summary>
    public const string Windows = "windows";

    /// <summary>The namespace of alerts: raised, reopened, cleared.</summary>
    public const string Alerts = "alerts";

    // The producer bypasses the stream handles, because Orleans would keep one for each sensor.
    private readonly Lazy<IKafkaStreamProducer> _producer = new(() => services.GetRequiredKeyedService<IKafkaStreamProducer>(Provider));

    /// <summary>Whether closed windows are published.</summary>
    public bool HasWindows => clients.Options.WindowTopic.Length > 0;

    /// <exception cref="KafkaStreamException">Kafka has not acknowledged all events.</exception>
    public Task ProduceAsync(string name, SensorRef sensor, IEnumerable<byte[]> events) =>
        _producer.Value.ProduceAsync(StreamId.Create(name, sensor.ToString()), events);
}
