using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using GrainSensors.Web.Api;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Payloads of requests that wait for a Kafka that is away.</summary>
[Trait("Category", "System")]
public sealed class WaitingPayloadTests : IDisposable
{
    private const int Topics = 30;

    /// <summary>As many of the largest payloads as the embedded broker lets wait for a partition.</summary>
    private const int PerTopic = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _clock = new();
    private readonly SourceOptions[] _sources =
        [.. Enumerable.Range(0, Topics).Select(i => new SourceOptions { Name = $"s{i}", Topics = [$"t{i}"] })];
    private readonly EmbeddedBroker _broker;
    private readonly PayloadProducer _producer;
    private readonly SourceIntake _intake;

    public WaitingPayloadTests()
    {
        var kafka = new KafkaOptions();
        _broker = new([.. kafka.AllTopics, .. _sources.SelectMany(source => source.Topics)], partitions: 1);
        kafka.BootstrapServers = _broker.BootstrapServers;
        _producer = new(new(kafka, NullLogger<KafkaClients>.Instance), new NoDeadLetters(), TimeProvider.System);
        _intake = new(new(_sources), _producer, new(new SourceSchemas()), scopes: new(null!), _clock);
    }

    public void Dispose()
    {
        _broker.SetDown(false);
        _producer.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task After_the_answer_a_payload_counts_as_long_as_it_may_still_be_sent_and_further_ones_are_refused_at_once()
    {
        await Task.WhenAll(_sources.Select(source => _intake.ProduceAsync(source, new(new byte[1]))));
        await Until.Async(() => _intake.Waiting == 0, () => $"{_intake.Waiting} bytes wait", Patience);
        _broker.SetDown(true);
        var sent = _sources.SelectMany(source => Enumerable.Repeat(source, PerTopic))
            .Select(source => _intake.ProduceAsync(source, new(new byte[SourceIntake.MaxBytes]))).ToList();

        var refused = sent.Where(task => task.IsFaulted).ToList();
        Assert.NotEmpty(refused);
        Assert.All(await Task.WhenAll(refused.Select(AnswerAsync)), answer =>
        {
            Assert.Equal((429, 1), (answer.Status, answer.RetryAfter));
            Assert.StartsWith("Too many payloads wait for Kafka. The payload was not stored", answer.Message, StringComparison.Ordinal);
        });

        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.All(
            await Task.WhenAll(sent.Except(refused).Select(AnswerAsync)),
            answer => Assert.Contains("may still be stored", answer.Message, StringComparison.Ordinal));
        var next = await AnswerAsync(_intake.ProduceAsync(_sources[0], new(new byte[SourceIntake.MaxBytes])));
        Assert.StartsWith("Too many payloads wait", next.Message, StringComparison.Ordinal);

        _broker.SetDown(false);
        await Until.Async(() => _intake.Waiting == 0, () => $"{_intake.Waiting} bytes wait", Patience);
    }

    private static async Task<ApiException> AnswerAsync(Task request) => await Assert.ThrowsAsync<ApiException>(() => request);
}
