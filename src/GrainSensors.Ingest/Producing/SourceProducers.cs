using System.Collections.Concurrent;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Producing;

/// <summary>Produces payloads to the topics of sources, as they came; one client for each topic.</summary>
public sealed class SourceProducers : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);
    private readonly ConcurrentDictionary<string, Lazy<ReadingProducer>> _producers = new();
    private readonly KafkaOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<KafkaClients> _logger;

    internal SourceProducers(KafkaOptions options, TimeProvider clock, ILogger<KafkaClients> logger) =>
        (_options, _clock, _logger) = (options, clock, logger);

    public ReadingProducer Of(string topic) => _producers.GetOrAdd(topic, Create).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var producer in _producers.Values.Where(producer => producer.IsValueCreated))
        {
            await producer.Value.DisposeAsync();
        }
    }

    private Lazy<ReadingProducer> Create(string topic) => new(() =>
    {
        var clients = new KafkaClients(_options.With(kafka => kafka.Topic = topic), _logger);
        return new(clients, new(clients, _clock), _clock, Linger);
    });
}
