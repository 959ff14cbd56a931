using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Benchmarks.Servers;

/// <summary>
/// An empty topic for readings, and those that the product wants besides: of an embedded broker that is a process of its
/// own, or new ones of a broker that is given, which are deleted afterwards.
/// </summary>
internal sealed class ReadingTopic : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly KafkaOptions _options;
    private readonly BrokerProcess? _embedded;

    private ReadingTopic(KafkaOptions options, BrokerProcess? embedded, int partitions) =>
        (_options, _embedded, Partitions) = (options, embedded, partitions);

    public string BootstrapServers => _options.BootstrapServers;

    public string Name => _options.Topic;

    /// <summary>Where log consumers hear of alerts.</summary>
    public string LogTopic => _options.LogTopic;

    public int Partitions { get; }

    /// <summary>What a silo must be told, as environment variables.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["GrainSensors__Kafka__BootstrapServers"] = _options.BootstrapServers,
        ["GrainSensors__Kafka__Topic"] = _options.Topic,
        ["GrainSensors__Kafka__DeadLetterTopic"] = _options.DeadLetterTopic,
        ["GrainSensors__Kafka__LogTopic"] = _options.LogTopic,
        ["GrainSensors__Kafka__WindowTopic"] = _options.WindowTopic,
        ["GrainSensors__Kafka__IngestRecordTopic"] = _options.IngestRecordTopic,
        ["GrainSensors__Kafka__GroupId"] = _options.GroupId,
    };

    /// <param name="given">HOST:PORT of a broker; null: an embedded one.</param>
    /// <exception cref="KafkaUnavailableException">The broker that is given cannot be used.</exception>
    public static async Task<ReadingTopic> CreateAsync(string? given, int partitions, CancellationToken cancellationToken)
    {
        if (given is null)
        {
            var embedded = await BrokerProcess.StartAsync(partitions, cancellationToken);
            return new(new() { BootstrapServers = embedded.BootstrapServers }, embedded, partitions);
        }

        var name = $"benchmark-{Guid.NewGuid():N}";
        var options = new KafkaOptions
        {
            BootstrapServers = given,
            Partitions = partitions,
            GroupId = name,
            Topic = $"{name}.sensor-data",
            DeadLetterTopic = $"{name}.sensor-data-dlq",
            LogTopic = $"{name}.log-data",
            WindowTopic = $"{name}.sensor-windows",
            IngestRecordTopic = $"{name}.sensor-ingest-records",
        };
        await KafkaPreparation.EnsureTopicsAsync(options);
        using var admin = Admin(given);

        // One that lets nobody create topics but makes those that are asked for makes as many partitions as it likes.
        return new(options, null, admin.GetMetadata(options.Topic, Timeout).Topics[0].Partitions.Count);
    }

    /// <returns>The readings that were ever written.</returns>
    public long Messages()
    {
        var config = new ConsumerConfig { BootstrapServers = BootstrapServers, GroupId = "benchmark-look" };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        return Enumerable.Range(0, Partitions).Sum(partition => consumer.QueryWatermarkOffsets(new(Name, partition), Timeout).High.Value);
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
            return;
        }

        try
        {
            using var admin = Admin(BootstrapServers);
            await admin.DeleteTopicsAsync(_options.AllTopics, new() { OperationTimeout = Timeout, RequestTimeout = Timeout });
        }
        catch (KafkaException e)
        {
            await Console.Error.WriteLineAsync(
                $"The topics {string.Join(", ", _options.AllTopics)} stay at {BootstrapServers}, "
                + $"which does not delete them: {e.Error.Reason.TrimEnd('.')}.");
        }
    }

    private static IAdminClient Admin(string servers) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetErrorHandler((_, _) => { }).Build();
}
