using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Web.Views;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Tests.Views;

/// <summary>Closed windows that clients of event streams have missed.</summary>
[Trait("Category", "System")]
public sealed class MissedWindowsTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int Clients = 10;

    [Fact]
    public async Task A_pass_that_fails_sends_its_clients_away_is_logged_once_and_the_next_one_opens_the_topic_again()
    {
        var topic = new KafkaOptions().WindowTopic;
        var end = await ProduceAsync(topic);
        var kafka = new KafkaOptions { BootstrapServers = server.Kafka, WindowTopic = "a-topic-that-is-missing" };
        using var view = new ClosedWindowView(Options.Create(kafka), TimeProvider.System);
        var log = new RecordedLog<MissedWindows>();
        var missed = new MissedWindows(view, TimeProvider.System, log);

        await AssertSentAwayAsync(missed, end);
        await AssertSentAwayAsync(missed, end);
        Assert.Contains(kafka.WindowTopic, Assert.Single(log.Lines), StringComparison.Ordinal);

        kafka.WindowTopic = topic;
        var (windows, isComplete) = await ReadAsync(missed, end);
        Assert.Equal((1, true), (windows, isComplete));

        kafka.WindowTopic = "another-that-is-missing";
        await AssertSentAwayAsync(missed, end);
        Assert.Equal(2, log.Lines.Count);
    }

    /// <returns>The offset after the message.</returns>
    private async Task<long> ProduceAsync(string topic)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = server.Kafka }).Build();
        var window = await producer.ProduceAsync(
            new TopicPartition(topic, 0), new() { Value = """{"sensor_id":709}""" }, TestContext.Current.CancellationToken);
        return window.Offset + 1;
    }

    private static async Task AssertSentAwayAsync(MissedWindows missed, long end)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ReadAsync(missed, end)));
        Assert.All(answers, answer => Assert.Equal((0, false), answer));
    }

    private static async Task<(int Windows, bool IsComplete)> ReadAsync(MissedWindows missed, long end)
    {
        var range = missed.Read(
            new Dictionary<int, long> { [0] = end - 1 }, new Dictionary<int, long> { [0] = end }, TestContext.Current.CancellationToken);
        var windows = 0;
        await foreach (var window in range.WindowsAsync())
        {
            Assert.Equal((end - 1, 709), (window.Offset, window.Sensor.Id));
            windows++;
        }

        return (windows, range.IsComplete);
    }
}
