using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Receiving;

namespace Orleans.Streaming.Kafka.Tests.Receiving;

[Trait("Category", "System")]
public sealed class OffsetRecommitterTests : IDisposable
{
    /// <summary>API key of Kafka's protocol.</summary>
    private const short OffsetCommit = 8;
    private const int GroupAuthorizationFailed = 30;

    private static readonly TopicPartition Quiet = new("topic", 0);
    private static readonly TopicPartition Busy = new("topic", 1);

    private readonly FakeTimeProvider _clock = new();
    private readonly EmbeddedBroker _broker = new(["topic"], 2);
    private readonly KafkaClients _clients;
    private readonly OffsetRecommitter _recommitter;

    public OffsetRecommitterTests()
    {
        _clients = new(new() { BootstrapServers = _broker.BootstrapServers }, "Kafka", "tests", _clock, NullLogger.Instance);
        _recommitter = new(_clients, _clock, NullLogger.Instance);
    }

    [Fact]
    public async Task What_nothing_new_was_committed_of_is_committed_again()
    {
        await LookAsync(7, 100);
        Assert.Equal([Offset.Unset, Offset.Unset], Committed());

        await LookAsync(7, 200);

        Assert.Equal([7, Offset.Unset], Committed());
    }

    [Fact]
    public async Task A_broker_that_does_not_commit_is_asked_again_the_next_time()
    {
        await LookAsync(7, 100);
        _broker.FailNext(OffsetCommit, GroupAuthorizationFailed, 1);
        await LookAsync(7, 200);
        Assert.Equal([Offset.Unset, Offset.Unset], Committed());

        await LookAsync(7, 300);

        Assert.Equal([7, Offset.Unset], Committed());
    }

    public void Dispose() => _broker.Dispose();

    private async Task LookAsync(long quiet, long busy)
    {
        Assert.False(_recommitter.IsDue);
        _clock.Advance(OffsetRecommitter.Interval);
        Assert.True(_recommitter.IsDue);
        await _recommitter.CommitQuietAsync(new() { [Quiet] = quiet, [Busy] = busy });
    }

    private Offset[] Committed()
    {
        using var consumer = _clients.OffsetReader();
        return [.. consumer.Committed([Quiet, Busy], TimeSpan.FromSeconds(10)).Select(partition => partition.Offset)];
    }
}
