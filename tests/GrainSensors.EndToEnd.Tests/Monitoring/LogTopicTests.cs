using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Alerts;

namespace GrainSensors.EndToEnd.Tests.Monitoring;

/// <summary>The topic <c>log-data</c>: what the monitor writes there, and what it takes from others.</summary>
[Trait("Category", "System")]
public sealed class LogTopicTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Topic = "log-data";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Raising_and_clearing_are_messages_in_the_old_format_keyed_by_the_sensor()
    {
        using var consumer = Begin();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await PostAsync(
            $$"""[{"sensor_id":801,"timestamp":{{now}},"temperature":20},{"sensor_id":801,"timestamp":{{now + 1}},"temperature":null}]""");
        await PostAsync($$"""{"sensor_id":801,"timestamp":{{now + 2}},"temperature":21}""");

        var (raised, cleared) = (Next(consumer), Next(consumer));

        // Messages may be there before the row.
        IReadOnlyList<GrainSensors.Storage.Alerts.Alert> stored = [];
        await Until.Async(
            async () => (stored = await server.Store.Alerts.QueryAsync(new() { SensorIds = [801] }, Stop)).Count > 0,
            () => "no alert is stored", Patience);
        var alert = Assert.Single(stored);
        Assert.Equal(AlertId.Of(801, "", AlertKind.Disconnected, (now + 1) * 1_000_000), alert.Id);
        Assert.Equal(["801", "801"], [raised.Key, cleared.Key]);
        Assert.StartsWith(
            """{"sensor_id":801,"level":"ERROR","message":"Sensor 801: disconnected",""", raised.Value, StringComparison.Ordinal);
        Assert.StartsWith(
            """{"sensor_id":801,"level":"INFO","message":"Sensor 801: connected again",""", cleared.Value, StringComparison.Ordinal);
        foreach (var (message, state, at) in new[] { (raised.Value, "raised", now + 1), (cleared.Value, "cleared", now + 2) })
        {
            var json = JsonSerializer.Deserialize<JsonElement>(message);
            Assert.Equal((alert.Id, state), (json.GetProperty("alert_id").GetGuid(), json.GetProperty("state").GetString()));
            Assert.Equal(at, json.GetProperty("at").GetDateTimeOffset().ToUnixTimeSeconds());
            Assert.Equal(now, json.GetProperty("last_reading_at").GetDateTimeOffset().ToUnixTimeSeconds());
        }
    }

    [Fact]
    public async Task What_sensors_write_themselves_is_kept_once_and_what_is_no_message_harms_nothing()
    {
        using var producer = new ProducerBuilder<Null, byte[]?>(new ProducerConfig { BootstrapServers = server.Kafka }).Build();
        byte[]?[] messages =
        [
            Utf8("""{"sensor_id": 802, "level": "ERROR", "message": "Sensor 802: disconnected"}"""),
            null,
            Utf8("garbage"),
            Utf8("[1]"),
            Utf8("""{"sensor_id":802,"level":"ERROR","message":"half \ud800 a pair"}"""),
            Utf8("""{"sensor_id":802,"level":"ERROR","message":"x","\udc00":1}"""),
            [.. """{"sensor_id":802,"level":"ERROR","message":"""u8, (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)'}'],
            Utf8("""{"sensor_id":802,"level":"WARNING","message":"NUL \u0000 in it"}"""),
            Utf8($$"""{"sensor_id":802,"level":"WARNING","message":"{{new string('x', 10_000)}}"}"""),
            Utf8("""{"sensor_id":802,"level":"WARNING","message":"Sensor 802: measurement error"}"""),
        ];
        foreach (var message in messages)
        {
            await producer.ProduceAsync(
                new TopicPartition(Topic, 0), new() { Value = message, Timestamp = new(DateTimeOffset.UtcNow) }, Stop);
        }

        await producer.ProduceAsync(
            new TopicPartition(Topic, 0),
            new()
            {
                Value = Utf8("""{"sensor_id":803,"level":"ERROR","message":"of no time"}"""),
                Timestamp = new(long.MaxValue / 2, TimestampType.CreateTime),
            },
            Stop);

        await Until.Async(async () => (await ReportsAsync(803)).Count == 1, () => "the last message was not kept", Patience);
        Assert.Equivalent(
            new[]
            {
                "ERROR Sensor 802: disconnected",
                "WARNING NUL \uFFFD in it",
                $"WARNING {new string('x', 10_000)}",
                "WARNING Sensor 802: measurement error",
            },
            await ReportsAsync(802), strict: true);

        // They open no alert: only the monitor does.
        Assert.Empty(await server.Store.Alerts.QueryAsync(new() { SensorIds = [802, 803] }, Stop));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<List<string>> ReportsAsync(int sensor) =>
        [.. (await server.Store.SensorReports.ReadAsync(sensor, 100, Stop)).Select(report => $"{report.Level} {report.Message}")];

    private async Task PostAsync(string json)
    {
        using var response = await server.Http.PostAsync(
            new Uri("/api/v1/readings", UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), Stop);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    /// <returns>A consumer of what is written from now on.</returns>
    private IConsumer<string, string> Begin()
    {
        var config = new ConsumerConfig { BootstrapServers = server.Kafka, GroupId = "test" };
        var consumer = new ConsumerBuilder<string, string>(config).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(partition => new TopicPartition(Topic, partition)).Select(partition =>
            new TopicPartitionOffset(partition, consumer.QueryWatermarkOffsets(partition, Patience).High)));
        return consumer;
    }

    private static (string Key, string Value) Next(IConsumer<string, string> consumer)
    {
        var record = consumer.Consume(Patience) ?? throw new TimeoutException("Nothing was written to the log topic.");
        return (record.Message.Key, record.Message.Value);
    }
}
