using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Messages, output and exit code of <c>produce</c>.</summary>
[Trait("Category", "System")]
public sealed class ProduceCommandTests : IAsyncLifetime
{
    private TestKafka _kafka = null!;

    private string[] Produce => ["produce", "--kafka", _kafka.BootstrapServers, "--topic", _kafka.Options.Topic];

    public async ValueTask InitializeAsync() => _kafka = await TestKafka.StartAsync(partitions: 4);

    [Fact]
    public async Task It_sends_the_old_JSON_of_every_sensor_at_the_rate_that_was_asked_for()
    {
        var result = await Executable.RunAsync(
            [.. Produce, "--sensors", "10", "--first-id", "100", "--rate", "50", "--errors", "0", "--for", "3s", "--json"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        using var summary = JsonDocument.Parse(result.Output);
        var acknowledged = summary.RootElement.GetProperty("acknowledged").GetInt32();
        Assert.InRange(acknowledged, 50, 152);
        var messages = Consume(acknowledged);
        Assert.Equal(Enumerable.Range(100, 10), messages.Select(message => message.SensorId).Distinct().Order());
        Assert.All(messages, message =>
        {
            Assert.Equal(message.SensorId.ToString(CultureInfo.InvariantCulture), message.Key);
            Assert.Equal(["sensor_id", "timestamp", "temperature", "humidity"], message.Members);
            Assert.NotNull(message.Temperature);
        });
        Assert.InRange(messages.GroupBy(message => message.SensorId).Max(group => group.Count()) - (acknowledged / 10), 0, 1);
    }

    [Fact]
    public async Task Without_keys_and_with_nothing_but_errors()
    {
        var result = await Executable.RunAsync(
            [.. Produce, "--sensors", "3", "--rate", "300", "--unkeyed", "--errors", "100%", "--for", "2s", "--json"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        using var summary = JsonDocument.Parse(result.Output);
        var messages = Consume(summary.RootElement.GetProperty("acknowledged").GetInt32());
        Assert.All(messages, message => Assert.Null(message.Key));
        Assert.True(messages.Select(message => message.Partition).Distinct().Count() > 1, "all in one partition");

        // Half of the errors are disconnections.
        Assert.InRange(messages.Count(message => message.Temperature is null), messages.Count / 3, messages.Count * 2 / 3);
    }

    [Fact]
    public async Task A_broker_that_holds_it_back_does_not_keep_it_past_its_time()
    {
        TestKafka.SkipUnlessEmbedded("a real broker holds nothing back");

        // Nobody consumes, so the embedded broker is full within a second or two.
        var result = await Executable.RunAsync([.. Produce, "--rate", "max", "--for", "5s"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith(
            $"Producing to topic {_kafka.Options.Topic} of Kafka {_kafka.BootstrapServers}.\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("held back", result.Error, StringComparison.Ordinal);
        Assert.Contains("0 not acknowledged", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_with_its_summary()
    {
        await using var executable = Executable.Start(null, [.. Produce, "--sensors", "2", "--json"]);
        Consume(4);

        await executable.SignalAsync("INT");
        var result = await executable.ExitAsync();

        Assert.True(result.ExitCode == 0, result.ToString());
        using var summary = JsonDocument.Parse(result.Output);
        Assert.Equal(0, summary.RootElement.GetProperty("not_acknowledged").GetInt32());
    }

    [Theory]
    [InlineData("give --kafka HOST:PORT")]
    [InlineData("127.0.0.1:1", "--kafka", "127.0.0.1:1")]
    [InlineData("--rate must be", "--kafka", "{broker}", "--rate", "fast")]
    [InlineData("got \"0\"", "--kafka", "{broker}", "--rate", "0")]
    [InlineData("got \"101%\"", "--kafka", "{broker}", "--errors", "101%")]
    [InlineData("got \"10\"", "--kafka", "{broker}", "--for", "10")]
    [InlineData("--for must be a duration", "--kafka", "{broker}", "--for", "P1X")]
    [InlineData("--sensors must be", "--kafka", "{broker}", "--sensors", "0")]
    [InlineData("--first-id must be at most 2147483628 for 20 sensors", "--kafka", "{broker}", "--first-id", "2147483647")]
    public async Task What_cannot_run_is_one_sentence_and_exit_code_2(string offender, params string[] arguments)
    {
        var result = await Command.RunAsync(
            ["produce", .. arguments.Select(argument => argument == "{broker}" ? _kafka.BootstrapServers : argument)]);

        result.AssertCouldNotRun(offender);
    }

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    /// <returns>The first messages of the topic.</returns>
    private List<Message> Consume(int count)
    {
        var config = new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "test" };
        using var consumer = new ConsumerBuilder<string?, byte[]>(config).SetKeyDeserializer(Deserializers.Utf8).Build();
        consumer.Assign(Enumerable.Range(0, 4)
            .Select(partition => new TopicPartitionOffset(_kafka.Options.Topic, partition, Offset.Beginning)));
        var messages = new List<Message>();
        while (messages.Count < count)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(30));
            Assert.True(result is not null, $"{messages.Count} of {count} messages came");
            using var json = JsonDocument.Parse(result.Message.Value);
            var temperature = json.RootElement.GetProperty("temperature");
            messages.Add(new(
                result.Partition,
                result.Message.Key,
                json.RootElement.GetProperty("sensor_id").GetInt32(),
                temperature.ValueKind == JsonValueKind.Null ? null : temperature.GetDouble(),
                [.. json.RootElement.EnumerateObject().Select(member => member.Name)]));
        }

        return messages;
    }

    private sealed record Message(int Partition, string? Key, int SensorId, double? Temperature, string[] Members);
}
