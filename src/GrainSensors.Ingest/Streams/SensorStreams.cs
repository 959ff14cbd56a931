using System.Globalization;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>
/// The streams that the silos produce, one for each sensor, by the provider <see cref="Provider"/>. What is in them is the
/// JSON of the topics, so that an application subscribes to the same topics with types of its own.
/// </summary>
/// <remarks>
/// No silo of ours reads them as streams: ingest reads the readings in a way of its own, and to windows and alerts it is
/// others who listen, with silos of theirs. So nothing is pulled for subscribers that there are none of.
/// </remarks>
internal sealed class SensorStreams(IServiceProvider services, KafkaClients clients)
{
    /// <summary>The name of the stream provider.</summary>
    public const string Provider = "Kafka";

    /// <summary>The namespace of readings, on their way into windows.</summary>
    public const string Readings = "sensor-data";

    /// <summary>The namespace of windows that have closed.</summary>
    public const string Windows = "windows";

    /// <summary>The namespace of alerts: raised, reopened, cleared.</summary>
    public const string Alerts = "alerts";

    // Not the provider itself: of a stream for each sensor Orleans would keep every handle.
    private readonly Lazy<IKafkaStreamProducer> _producer = new(() => services.GetRequiredKeyedService<IKafkaStreamProducer>(Provider));

    /// <summary>Whether closed windows are announced at all.</summary>
    public bool HasWindows => clients.Options.WindowTopic.Length > 0;

    /// <exception cref="KafkaStreamException">Kafka has not acknowledged one.</exception>
    public Task ProduceAsync(string name, int sensorId, IEnumerable<byte[]> events) =>
        _producer.Value.ProduceAsync(StreamId.Create(name, sensorId.ToString(CultureInfo.InvariantCulture)), events);
}
