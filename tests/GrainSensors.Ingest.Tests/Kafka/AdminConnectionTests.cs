using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>A client without a response is replaced, and disposed after its current requests.</summary>
[Trait("Category", "System")]
public sealed class AdminConnectionTests : IDisposable
{
    private readonly EmbeddedBroker _broker = new(["readings"], partitions: 1);
    private readonly AdminConnection _connection;
    private int _made;

    public AdminConnectionTests()
    {
        var clients = new KafkaClients(new() { BootstrapServers = _broker.BootstrapServers }, NullLogger<KafkaClients>.Instance);
        _connection = new(() =>
        {
            _made++;
            return clients.Admin();
        });
    }

    [Theory]
    [InlineData(ErrorCode.Local_TimedOut, 2)]
    [InlineData(ErrorCode.Local_Transport, 2)]
    [InlineData(ErrorCode.UnknownTopicOrPart, 1)]
    public async Task A_client_without_an_answer_is_replaced_and_one_with_a_bad_one_is_kept(ErrorCode error, int made)
    {
        await Assert.ThrowsAsync<KafkaException>(() => _connection.RequestAsync<int>(_ => throw new KafkaException(error)));

        Assert.NotEmpty((await _connection.RequestAsync(TopicIdentity.MetadataAsync)).Topics);
        Assert.Equal(made, _made);
    }

    [Fact]
    public async Task A_running_request_gets_its_response()
    {
        var release = new TaskCompletionSource();
        var waiting = _connection.RequestAsync(async admin =>
        {
            await release.Task;
            return await TopicIdentity.MetadataAsync(admin);
        });
        await Assert.ThrowsAsync<KafkaException>(
            () => _connection.RequestAsync<int>(_ => throw new KafkaException(ErrorCode.Local_TimedOut)));
        Assert.NotEmpty((await _connection.RequestAsync(TopicIdentity.MetadataAsync)).Topics);

        release.SetResult();

        Assert.NotEmpty((await waiting).Topics);
        Assert.Equal(2, _made);
    }

    [Fact]
    public async Task A_disposed_connection_sends_no_request()
    {
        await _connection.RequestAsync(TopicIdentity.MetadataAsync);
        _connection.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _connection.RequestAsync(TopicIdentity.MetadataAsync));
    }

    public void Dispose()
    {
        _connection.Dispose();
        _broker.Dispose();
    }
}
