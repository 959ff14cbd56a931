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
    private readonly EmbeddedBroker? _embedded;

    private TestKafka(EmbeddedBroker? embedded, KafkaOptions options) => (_embedded, Options) = (embedded, options);

    /// <summary>Where it is, and the names of the topics and of the group.</summary>
    public KafkaOptions Options { get; }

    public string BootstrapServers => Options.BootstrapServers;

    /// <summary>For its faults.</summary>
    /// <exception cref="InvalidOperationException">The broker is a real one: the test should have skipped itself.</exception>
    public EmbeddedBroker Embedded => _embedded ?? throw new InvalidOperationException($"The broker is a real one; begin the test with {nameof(SkipUnlessEmbedded)}.");

    /// <param name="partitions">Of each topic.</param>
    public static async Task<TestKafka> StartAsync(int partitions)
    {
        // A broker of the default configuration takes no shorter session than 6 s.
        var options = new KafkaOptions { Partitions = partitions, SessionTimeout = TimeSpan.FromSeconds(RealKafka.IsGiven ? 6 : 3) };
        if (!RealKafka.IsGiven)
        {
            var embedded = new EmbeddedBroker([options.Topic, options.DeadLetterTopic, options.LogTopic], partitions);
            options.BootstrapServers = embedded.BootstrapServers;
            return new(embedded, options);
        }

        var name = $"test-{Guid.NewGuid():N}";
        options.BootstrapServers = await RealKafka.StartAsync();
        (options.Topic, options.DeadLetterTopic, options.LogTopic) = ($"{name}.sensor-data", $"{name}.sensor-data-dlq", $"{name}.log-data");
        options.GroupId = name;
        await KafkaPreparation.EnsureTopicsAsync(options);
        return new(null, options);
    }

    /// <summary>At the beginning of a test whose subject is the embedded broker, or that needs its faults.</summary>
    /// <param name="reason">Why a real one does not do.</param>
    public static void SkipUnlessEmbedded(string reason) => Assert.SkipWhen(RealKafka.IsGiven, $"For the embedded broker only: {reason}.");

    public async ValueTask DisposeAsync()
    {
        _embedded?.Dispose();
        if (_embedded is null)
        {
            using var admin = new KafkaClients(Options, NullLogger<KafkaClients>.Instance).Admin();
            try
            {
                await admin.DeleteTopicsAsync([Options.Topic, Options.DeadLetterTopic, Options.LogTopic], new() { RequestTimeout = DeleteTimeout });
            }
            catch (KafkaException)
            {
                // Where nobody may delete topics they stay; their names are their own.
            }
        }
    }
}
