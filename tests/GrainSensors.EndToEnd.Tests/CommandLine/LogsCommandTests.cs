using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Output of <c>logs</c> for a topic with messages of sensors and of the monitor.</summary>
[Trait("Category", "System")]
public sealed class LogsCommandTests : IDisposable
{
    private const string Topic = "log-data";
    private const string Reported = """{"sensor_id": 7, "level": "ERROR", "message": "Sensor 7: disconnected"}""";
    private const string Alert = "\"kind\":\"extreme\",\"alert_id\":\"0193a5c2-1111-8222-8333-444455556666\"}";

    private const string Raised =
        """{"sensor_id":8,"level":"WARNING","message":"Sensor 8: measurement error, temperature 31, expected about 21",""" + Alert;

    private const string Cleared =
        """{"sensor_id":8,"level":"INFO","message":"Sensor 8: temperature back to normal, 21",""" + Alert;

    private readonly EmbeddedBroker _broker = new([Topic], partitions: 2);
    private readonly IProducer<Null, string> _producer;

    public LogsCommandTests()
    {
        var config = new ProducerConfig { BootstrapServers = _broker.BootstrapServers };
        _producer = new ProducerBuilder<Null, string>(config).Build();
    }

    [Fact]
    public async Task It_prints_a_line_for_each_message_and_says_whose_it_is()
    {
        await WriteAsync(Reported, Raised, "garbage", """{"sensor_id":9,"level":"WARNING","message":"two\nlines \u001b[31m"}""", Cleared);

        Assert.Equal(
            [
                "[ERROR] Sensor 7: disconnected (sensor-reported)",
                "[WARNING] Sensor 8: measurement error, temperature 31, expected about 21",
                "[WARNING] two\\nlines \\u001b[31m (sensor-reported)",
                "[INFO] Sensor 8: temperature back to normal, 21",
            ],
            await RunAsync());
    }

    [Fact]
    public async Task It_leaves_out_what_was_not_asked_for()
    {
        await WriteAsync(DateTimeOffset.UtcNow.AddHours(-2), Reported);
        await WriteAsync(Raised, Cleared);

        Assert.Equal(3, (await RunAsync("--since", "3h")).Length);
        Assert.Equal(2, (await RunAsync("--since", "1h")).Length);
        Assert.Equal(2, (await RunAsync("--since", DateTimeOffset.UtcNow.AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm'Z'", null))).Length);
        Assert.Equal(["[INFO] Sensor 8: temperature back to normal, 21"], await RunAsync("--level", "info"));
        Assert.Equal(2, (await RunAsync("--since", "3h", "--level", "ERROR", "--level", "WARNING")).Length);
        Assert.Equal(["[ERROR] Sensor 7: disconnected (sensor-reported)"], await RunAsync("--since", "3h", "--sensor", "7"));
    }

    [Fact]
    public async Task As_JSON_each_line_is_an_object_with_all_that_was_written()
    {
        await WriteAsync(Raised, Reported);

        var lines = Array.ConvertAll(await RunAsync("--json"), line => JsonSerializer.Deserialize<JsonElement>(line));

        Assert.Equal(["monitor", "sensor"], lines.Select(line => line.GetProperty("reported_by").GetString()));
        Assert.Equal("extreme", lines[0].GetProperty("kind").GetString());
        Assert.True(lines[0].GetProperty("logged_at").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    [Fact]
    public async Task It_follows_until_it_is_told_to_stop()
    {
        await WriteAsync(Raised);
        await using var logs = Executable.Start(null, "logs", "--kafka", _broker.BootstrapServers, "--since", "1h");
        await Until.Async(() => logs.Output.Count == 1, () => string.Join('\n', logs.Errors), TimeSpan.FromSeconds(60));

        await WriteAsync(Cleared);
        await Until.Async(() => logs.Output.Count == 2, () => string.Join('\n', logs.Errors), TimeSpan.FromSeconds(60));
        await logs.SignalAsync("INT");

        Assert.Equal(0, (await logs.ExitAsync()).ExitCode);
    }

    [Theory]
    [InlineData("yesterday", "--since", "yesterday")]
    [InlineData("03/04/2026", "--since", "03/04/2026")]
    [InlineData("10:00", "--since", "10:00")]
    [InlineData("29.11.2026", "--since", "29.11.2026")]
    [InlineData("--since", "--no-follow")]
    [InlineData("no-such-topic", "--since", "1h", "--log-topic", "no-such-topic")]
    public async Task What_it_cannot_do_it_says(string offender, params string[] arguments)
    {
        var result = await Command.RunAsync(["logs", "--kafka", _broker.BootstrapServers, .. arguments]);

        result.AssertCouldNotRun(offender);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
    }

    private Task WriteAsync(params string[] messages) => WriteAsync(DateTimeOffset.UtcNow, messages);

    private async Task WriteAsync(DateTimeOffset at, params string[] messages)
    {
        foreach (var message in messages)
        {
            await _producer.ProduceAsync(new TopicPartition(Topic, 0), new() { Value = message, Timestamp = new(at) });
        }
    }

    /// <returns>The lines up to the current end of the topic.</returns>
    private async Task<string[]> RunAsync(params string[] arguments)
    {
        string[] since = arguments.Contains("--since") ? [] : ["--since", "1h"];
        var result = await Executable.RunAsync(["logs", "--kafka", _broker.BootstrapServers, "--no-follow", .. since, .. arguments]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
