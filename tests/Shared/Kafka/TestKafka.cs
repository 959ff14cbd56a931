using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Tests.Shared;

/// <summary>
/// A Kafka with topics for one test alone: an embedded broker of its own, or topics with names of their own on the
/// real broker that <see cref="RealKafka"/> finds.
/// </summary>
internal sealed class TestKafka : IAsyncDisposable
{
    private static readonly TimeSpan DeleteTimeout = TimeSpan.FromSeconds(10);
    // A broker of the default configuration takes no shorter session.
    private static readonly TimeSpan ShortestSession = TimeSpan.FromSeconds(6);

    private readonly EmbeddedBroker? _embedded;
    private readonly KafkaProcess? _process;
    // Tests change their options, also to what no client takes; the topics are deleted all the same.
    private readonly string _servers;
    private readonly string[] _topics;

    private TestKafka(
        KafkaOptions options, IReadOnlyList<string> others, EmbeddedBroker? embedded = null, KafkaProcess? process = null)
    {
        (Options, _embedded, _process) = (options, embedded, process);
        (_servers, _topics) = (options.BootstrapServers, [.. options.AllTopics, .. others]);
    }

    /// <summary>Where it is, and the names of the topics and of the group.</summary>
    public KafkaOptions Options { get; }

    public string BootstrapServers => Options.BootstrapServers;

    public bool IsEmbedded => _embedded is not null;

    /// <summary>For its faults.</summary>
    /// <exception cref="InvalidOperationException">The broker is a real one: the test should have skipped itself.</exception>
    public EmbeddedBroker Embedded => _embedded
        ?? throw new InvalidOperationException($"The broker is a real one; begin the test with {nameof(SkipUnlessEmbedded)}.");

    /// <summary>To be killed; only of <see cref="StartOwnAsync"/>.</summary>
    public KafkaProcess Process => _process!;

    /// <param name="partitions">Of each topic.</param>
    /// <param name="others">Further topics, with names of their own.</param>
    public static async Task<TestKafka> StartAsync(int partitions, IReadOnlyList<string>? others = null)
    {
        others ??= [];
        if (RealKafka.IsGiven)
        {
            var name = $"test-{Guid.NewGuid():N}";
            var real = OfReal(await RealKafka.StartAsync(), partitions);
            (real.Topic, real.DeadLetterTopic, real.LogTopic) = ($"{name}.sensor-data", $"{name}.sensor-data-dlq", $"{name}.log-data");
            (real.WindowTopic, real.IngestRecordTopic) = ($"{name}.sensor-windows", $"{name}.sensor-ingest-records");
            real.GroupId = name;
            await KafkaPreparation.EnsureTopicsAsync(real, others);
            return new(real, others);
        }

        var options = new KafkaOptions { Partitions = partitions, SessionTimeout = TimeSpan.FromSeconds(3) };
        var embedded = new EmbeddedBroker(options.AllTopics.Concat(others), partitions);
        options.BootstrapServers = embedded.BootstrapServers;

        // The embedded broker does not check the sequence of an idempotent producer's batches. When it is told to refuse one,
        // it takes the next, from which the client concludes that it has the first one, too.
        options.Client["max.in.flight"] = "1";
        return new(options, others, embedded);
    }

    /// <summary>A real broker that nobody else uses; see <see cref="RealKafka.StartOwnAsync"/>.</summary>
    /// <param name="partitions">Of each topic.</param>
    public static async Task<TestKafka> StartOwnAsync(int partitions)
    {
        var process = await RealKafka.StartOwnAsync();
        var options = OfReal(process.BootstrapServers, partitions);
        await KafkaPreparation.EnsureTopicsAsync(options);
        return new(options, [], process: process);
    }

    /// <summary>At the beginning of a test whose subject is the embedded broker, or that needs its faults.</summary>
    /// <param name="reason">Why a real one does not do.</param>
    public static void SkipUnlessEmbedded(string reason) => Assert.SkipWhen(RealKafka.IsGiven, $"For the embedded broker only: {reason}.");

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            _embedded.Dispose();
        }
        else if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        else
        {
            await DeleteTopicsAsync();
        }
    }

    private static KafkaOptions OfReal(string servers, int partitions) =>
        new() { BootstrapServers = servers, Partitions = partitions, SessionTimeout = ShortestSession };

    private async Task DeleteTopicsAsync()
    {
        using var admin = new KafkaClients(new() { BootstrapServers = _servers }, NullLogger<KafkaClients>.Instance).Admin();
        try
        {
            await admin.DeleteTopicsAsync(_topics, new() { RequestTimeout = DeleteTimeout });
        }
        catch (KafkaException)
        {
            // Where nobody may delete topics they stay; their names are their own.
        }
    }
}
