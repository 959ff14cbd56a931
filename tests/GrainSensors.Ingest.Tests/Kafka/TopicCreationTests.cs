using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>The topics that are created, their settings, and the errors when Kafka refuses to create them.</summary>
[Trait("Category", "System")]
public sealed class TopicCreationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private const string Records = "sensor-ingest-records";
    private static readonly string[] Wanted = ["sensor-data", "sensor-data-dlq", "log-data", "sensor-windows", Records];
    private readonly KafkaOptions _options = new() { BootstrapServers = "kafka:9092" };
    private readonly RecordedLog<TopicCreation> _log = new();

    [Fact]
    public async Task What_is_missing_is_created_as_the_options_want_it()
    {
        var (client, broker) = FakeAdmin.With("log-data", "sensor-windows", Records, "others");
        (_options.Partitions, _options.ReplicationFactor, _options.TopicRetention) = (12, 3, TimeSpan.FromDays(2));

        await CreateMissingAsync(client);

        Assert.Equal(["sensor-data", "sensor-data-dlq"], broker.Asked.Select(topic => topic.Name));
        Assert.All(broker.Asked, topic => Assert.Equal(
            (12, (short)3, "retention.ms=172800000"),
            (topic.NumPartitions, topic.ReplicationFactor, string.Join(' ', topic.Configs.Select(c => $"{c.Key}={c.Value}")))));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task What_is_not_configured_is_left_to_the_broker()
    {
        var (client, broker) = FakeAdmin.With();

        await CreateMissingAsync(client);

        Assert.Equal(Wanted, broker.Asked.Select(topic => topic.Name));
        Assert.All(
            broker.Asked,
            topic => Assert.Equal(
                (6, (short)-1, topic.Name != Records), (topic.NumPartitions, topic.ReplicationFactor, topic.Configs is null)));
    }

    [Fact]
    public async Task Records_are_compacted_and_stay_longer_than_an_Idempotency_Key_is_known()
    {
        var (client, broker) = FakeAdmin.With();
        _options.TopicRetention = TimeSpan.FromHours(1);

        await CreateMissingAsync(client);

        var records = broker.Asked.Single(topic => topic.Name == Records);
        Assert.Equal(("172800000", "compact,delete"), (records.Configs["retention.ms"], records.Configs["cleanup.policy"]));
    }

    [Fact]
    public async Task To_keep_everything_is_the_retention_of_minus_one()
    {
        var (client, broker) = FakeAdmin.With();
        _options.TopicRetention = Timeout.InfiniteTimeSpan;

        await CreateMissingAsync(client);

        Assert.All(
            broker.Asked.Where(topic => topic.Name != Records), topic => Assert.Equal("-1", topic.Configs["retention.ms"]));
    }

    [Fact]
    public async Task A_topic_that_another_silo_created_meanwhile_is_as_good()
    {
        var (client, broker) = FakeAdmin.With();
        broker.Refusal = topic => topic == "log-data" ? null : ErrorCode.TopicAlreadyExists;

        await CreateMissingAsync(client);

        Assert.Superset(Wanted.ToHashSet(), broker.Topics);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(ErrorCode.ClusterAuthorizationFailed)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.UnsupportedVersion)]
    public async Task Without_the_right_to_create_topics_it_goes_on_if_there_are_readings(ErrorCode refusal)
    {
        var (client, broker) = FakeAdmin.With("sensor-data");
        broker.Refusal = _ => refusal;

        await CreateMissingAsync(client);

        Assert.Collection(
            _log.Lines,
            line => Assert.Contains("Topic \"sensor-data-dlq\" is missing", line, StringComparison.Ordinal),
            line => Assert.Contains("Topic \"log-data\" is missing", line, StringComparison.Ordinal),
            line => Assert.Contains("Topic \"sensor-windows\" is missing", line, StringComparison.Ordinal),
            line => Assert.Contains("cleanup.policy=compact,delete", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ErrorCode.ClusterAuthorizationFailed)]
    [InlineData(ErrorCode.Local_TimedOut)]
    [InlineData(ErrorCode.Local_UnsupportedFeature)]
    public async Task A_broker_that_creates_what_is_asked_for_need_not_answer(ErrorCode failure)
    {
        var (client, broker) = FakeAdmin.With();
        (broker.Failure, broker.CreatesWhatIsAskedFor) = (failure, true);

        await CreateMissingAsync(client);

        Assert.Superset(Wanted.ToHashSet(), broker.Topics);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(ErrorCode.ClusterAuthorizationFailed)]
    [InlineData(ErrorCode.Local_TimedOut)]
    public async Task Without_a_topic_of_readings_it_says_what_to_do(ErrorCode failure)
    {
        var (client, broker) = FakeAdmin.With("sensor-data-dlq", "log-data");
        broker.Failure = failure;

        var e = await Assert.ThrowsAsync<KafkaUnavailableException>(() => CreateMissingAsync(client));

        Assert.Matches(
            "^Kafka at \"kafka:9092\" has no topic \"sensor-data\" and refused to create it \\(.+[^.]\\); "
            + "create it with 6 partitions, or allow this user to create topics\\.$",
            e.Message);
    }

    [Theory]
    [InlineData(ErrorCode.InvalidReplicationFactor)]
    [InlineData(ErrorCode.PolicyViolation)]
    public async Task What_the_broker_refuses_of_the_options_is_never_passed_over(ErrorCode refusal)
    {
        var (client, broker) = FakeAdmin.With("sensor-data");
        _options.ReplicationFactor = 3;
        (broker.Refusal, broker.CreatesWhatIsAskedFor) = (_ => refusal, true);

        var e = await Assert.ThrowsAsync<KafkaUnavailableException>(() => CreateMissingAsync(client));

        Assert.Contains(
            "refused to create the topic \"sensor-data-dlq\" with 6 partitions, replication factor 3: ",
            e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_leaves_requests_unanswered_holds_the_start_up_no_longer_than_that()
    {
        // The embedded broker ignores unknown requests, and creates a topic at a request for it by name.
        using var broker = new EmbeddedBroker([], partitions: 1);
        _options.BootstrapServers = broker.BootstrapServers;
        using var admin = new KafkaClients(_options, NullLogger<KafkaClients>.Instance).Admin();

        await CreateMissingAsync(admin, settle: TimeSpan.FromSeconds(10));

        var there = admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Select(topic => topic.Topic);
        Assert.Superset(Wanted.ToHashSet(), there.ToHashSet());
    }

    [Fact]
    public async Task The_embedded_broker_has_the_topics_that_are_asked_of_it_at_once()
    {
        using var broker = new EmbeddedBroker([], partitions: 1);
        _options.BootstrapServers = broker.BootstrapServers;

        await KafkaPreparation.EnsureTopicsAsync(_options, _log).WaitAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);

        using var admin = new KafkaClients(_options, NullLogger<KafkaClients>.Instance).Admin();
        Assert.Superset(Wanted.ToHashSet(), admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Select(topic => topic.Topic).ToHashSet());
    }

    private async Task CreateMissingAsync(IAdminClient admin, TimeSpan? settle = null)
    {
        var plan = new TopicPlan(_options, []);
        var missing = plan.Missing(await TopicIdentity.MetadataAsync(admin));
        var creation = new TopicCreation(admin, _options.BootstrapServers, plan, Short, settle ?? Short, TimeProvider.System, _log);
        await creation.CreateAsync(missing);
    }
}
