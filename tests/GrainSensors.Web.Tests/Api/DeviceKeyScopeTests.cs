using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Access;
using GrainSensors.Tests.Shared.Registry;
using GrainSensors.Web.Tests.Access;

namespace GrainSensors.Web.Tests.Api;

/// <summary>What device keys may send, through every door. A refused request stores nothing.</summary>
[Trait("Category", "System")]
public sealed class DeviceKeyScopeTests(DeviceKeyScopeTests.Doors doors) : IClassFixture<DeviceKeyScopeTests.Doors>
{
    private const string Readings = "/api/v1/readings";
    private const string Influx = "/api/v2/write?bucket=telegraf&precision=s";
    private const string InfluxV1 = "/write?db=telegraf&precision=s";
    private const string Time = "1795515300";
    private const string Tasmota = """{"Time":"2026-11-24T11:15:00","AM2301":{"Temperature":24.5}}""";
    private static readonly string[] Topics = ["sensor-data", "telegraf", "plain", "keyed", "tele", "farm"];
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ApiServer _server = doors.Server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("kitchen-2", Readings, """{"sensor_id":"kitchen-2","timestamp":1795515300,"temperature":21}""")]
    [InlineData("27", Readings, """[{"sensor_id":27,"timestamp":1795515300,"temperature":21},{"sensor_id":"27","timestamp":1795515301}]""")]
    [InlineData("k\u00fcche", Readings, """{"sensor_id":"ku\u0308che","timestamp":1795515300,"temperature":21}""")]
    [InlineData("k\u00fcbel", Influx, "m,host=ku\u0308bel b=1 1795515300")]
    [InlineData("kitchen-5", InfluxV1, "m,host=kitchen-5 b=1 1795515300\nm,host=kitchen-5 b=2 1795515301")]
    [InlineData("17", "/api/v1/ingest/plain", """{"readings":[{"id":17,"a":1},{"id":"17","a":2}]}""")]
    [InlineData("kitchen-9", "/api/v1/ingest/keyed?key=kitchen-9", """{"a":1}""")]
    [InlineData("cellar", "/api/v1/ingest/tele?topic=tele/cellar/SENSOR", Tasmota)]
    public async Task The_key_of_a_sensor_sends_for_it_however_it_is_written(string sensor, string path, string body)
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, sensor));
        Assert.DoesNotContain(sensor, await SensorsAsync());

        var (status, answer) = await SendAsync(path, body, key);

        Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.NoContent, $"{status} {answer}");
        IReadOnlyList<string> seen = [];
        await Until.Async(
            async () => (seen = await SensorsAsync()).Contains(sensor), () => $"{string.Join(", ", seen)}\n{_server.Status}", Deadline);
    }

    [Theory]
    [InlineData(Readings, """{"sensor_id":"Kitchen-1","timestamp":1795515300,"temperature":21}""", "\"Kitchen-1\"")]
    [InlineData(Readings, """{"sensor_id":"kitchen-1 ","timestamp":1795515300,"temperature":21}""", "\"kitchen-1 \"")]
    [InlineData(Readings, """
        [{"sensor_id":"kitchen-1","timestamp":1795515300,"temperature":21},{"sensor_id":8,"timestamp":1795515300,"temperature":21}]
        """, "\"8\"")]
    [InlineData(Influx, "m,host=kitchen-1 b=1 1795515300\nm,host=a b=1 1795515300\nm,host=b b=1 1795515300", "\"a\", \"b\"")]
    [InlineData(InfluxV1, "m,host=attic b=1 1795515300", "\"attic\"")]
    [InlineData("/api/v1/ingest/plain", """{"readings":[{"id":"kitchen-1","a":1},{"id":"attic","a":2}]}""", "\"attic\"")]
    [InlineData("/api/v1/ingest/keyed?key=attic", """{"a":1}""", "\"attic\"")]
    [InlineData("/api/v1/ingest/tele?topic=tele/attic/SENSOR", Tasmota, "\"attic\"")]
    public async Task A_body_with_another_sensor_is_refused_as_a_whole_and_the_sensors_are_named(string path, string body, string named)
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        var before = Produced();

        var (status, answer) = await SendAsync(path, body, key);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.EndsWith(
            $"may send for the sensor \"kitchen-1\" only; got {named}. Nothing was stored.", Detail(answer), StringComparison.Ordinal);
        Assert.Equal(before, Produced());
    }

    [Theory]
    [InlineData(Readings, """{"sensor_id":"kitchen-1","sensor_id":"attic","timestamp":1795515300,"temperature":21}""")]
    [InlineData("/api/v1/ingest/keyed?key=kitchen-1&key=attic", """{"a":1}""")]
    public async Task Two_sensors_in_one_place_are_refused(string path, string body)
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        var before = Produced();

        var (status, answer) = await SendAsync(path, body, key);

        Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden, $"{status} {answer}");
        Assert.Equal(before, Produced());
    }

    [Fact]
    public async Task A_refusal_of_many_sensors_names_the_first_and_counts_the_others()
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        var lines = string.Concat(Enumerable.Range(0, 5000).Select(i => $"m,host=s{i} b=1 {Time}\n"));
        var (status, answer) = await SendAsync(Influx, lines, key);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.EndsWith(
            "got \"s0\", \"s1\", \"s2\", \"s3\", \"s4\" and 4995 more. Nothing was stored.", Detail(answer), StringComparison.Ordinal);
        Assert.Equal("forbidden", JsonDocument.Parse(answer).RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Compressed_bodies_and_lines_are_checked_as_others()
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "7"));
        var before = Produced();
        const string Good = """{"sensor_id":7,"timestamp":1795515300,"temperature":21}""";
        const string Bad = """{"sensor_id":8,"timestamp":1795515300,"temperature":21}""";
        const string Lines = "application/x-ndjson";

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(Readings, $"{Good}\n{Good}", key, Lines, gzip: true)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Readings, $"{Good}\n{Bad}", key, Lines, gzip: true)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Influx, $"m,host=8 b=1 {Time}", key, gzip: true)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(Influx, $"m,host=7 b=1 {Time}", key, gzip: true)).Status);
        Assert.Equal(before + 3, Produced());
    }

    [Theory]
    [InlineData("/api/v2/write?bucket=nowhere")]
    [InlineData("/write?db=nowhere")]
    [InlineData("/api/v1/ingest/nowhere")]
    public async Task An_unknown_source_tells_a_device_nothing_of_the_others(string path)
    {
        foreach (var (scope, expected) in new[]
        {
            (new KeyScope(KeyScopeKind.Source, "telegraf"), HttpStatusCode.Forbidden),
            (new KeyScope(KeyScopeKind.Device, "kitchen-1"), HttpStatusCode.NotFound),
        })
        {
            var (status, answer) = await SendAsync(path, "m,host=a b=1 1", await _server.AddDeviceKeyAsync(scope));

            Assert.Equal(expected, status);
            Assert.DoesNotContain("farm", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("there are", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_of_a_tag_sends_for_sensors_that_have_it_now()
    {
        var numbers = await _server.Store.Names.RegisterAsync(["kitchen-1", "attic"], Stop);
        var kitchen = SensorTags.Of([new("room", "kitchen"), new("floor", "0")]);
        await _server.Store.Sensors.WriteAsync(
            [
                new(7) { Tags = kitchen }, new(numbers[0]) { Name = "kitchen-1", Tags = kitchen },
                new(numbers[1]) { Name = "attic", Tags = SensorTags.Of([new("room", "attic")]) }, new(8),
            ],
            Stop);
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Tag, "room=kitchen"));

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(Readings, Body("7", "\"kitchen-1\""), key)).Status);
        var (status, answer) = await SendAsync(Readings, Body("7", "8", "9", "\"attic\"", "\"unknown\""), key);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        var detail = Detail(answer);
        Assert.All(["\"8\"", "\"9\"", "\"attic\"", "\"unknown\""], sensor => Assert.Contains(sensor, detail, StringComparison.Ordinal));
        Assert.DoesNotContain("\"7\"", detail, StringComparison.Ordinal);
        Assert.Contains("tag room=kitchen in the registry", detail, StringComparison.Ordinal);

        await _server.Store.Sensors.WriteAsync([new(7), new(8) { Tags = kitchen }], Stop);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Readings, Body("7"), key)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(Readings, Body("8"), key)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(Influx, $"m,host=kitchen-1 b=1 {Time}", key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Influx, $"m,host=attic b=1 {Time}", key)).Status);
    }

    [Fact]
    public async Task The_key_of_a_source_sends_any_sensor_to_it_and_to_no_other()
    {
        var telegraf = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Source, "Telegraf"));
        var contract = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Source, "sensor-data"));
        (string Path, string Body, string Allowed)[] requests =
        [
            (Influx, $"m,host=a b=1 {Time}", telegraf),
            (InfluxV1, $"m,host=b b=1 {Time}", telegraf),
            ("/api/v1/ingest/telegraf", $"m,host=c b=1 {Time}", telegraf),
            (Readings, Body("7", "8"), contract),
            ("/api/v1/ingest/plain", """{"readings":[{"id":1,"a":1}]}""", ""),
        ];
        foreach (var (path, body, allowed) in requests)
        {
            foreach (var key in new[] { telegraf, contract })
            {
                var (status, answer) = await SendAsync(path, body, key);
                Assert.True((status == HttpStatusCode.Forbidden) == (key != allowed), $"{path}: {status} {answer}");
                Assert.True(key == allowed || Detail(answer).Contains("only; got \"", StringComparison.Ordinal), answer);
            }
        }
    }

    [Fact]
    public async Task What_the_mapping_rejects_is_answered_as_for_other_keys()
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        foreach (var (path, body) in new[]
        {
            (Readings, """{"sensor_id":"kitchen-1"}"""), (Readings, "x"), ("/api/v1/ingest/plain", "x"),
            ("/api/v1/ingest/plain", """{"readings":[{"a":1}]}"""), (Influx, "m,host=kitchen-1 b"), ("/api/v1/ingest/none", "x"),
        })
        {
            var admin = await SendAsync(path, body, GuardedHost.Admin.Key);
            var device = await SendAsync(path, body, key);
            Assert.Equal(admin.Status, device.Status);
        }
    }

    /// <summary>Another silo may read the payload when somebody has registered the schema.</summary>
    [Fact]
    public async Task A_payload_whose_schema_is_not_known_yet_is_refused_since_its_sensors_are_not_known()
    {
        const string UnknownSchema = "\0\0\0\0\u0007x";
        var limited = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        var unlimited = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Source, "farm"));
        var before = Produced();

        var (status, answer) = await SendAsync("/api/v1/ingest/farm", UnknownSchema, limited);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("those of the payload are not known", Detail(answer), StringComparison.Ordinal);
        Assert.Equal(before, Produced());
        (status, answer) = await SendAsync("/api/v1/ingest/farm", UnknownSchema, unlimited);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains("no-schema", answer, StringComparison.Ordinal);
        Assert.Equal(before + 1, Produced());
    }

    [Fact]
    public async Task The_key_comes_as_a_token_of_InfluxDB_or_as_a_password()
    {
        var key = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{key}"));
        foreach (var authorization in new[] { $"Token {key}", $"Basic {basic}", $"Bearer {key}" })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(Influx, $"m,host=kitchen-1 b=1 {Time}", authorization)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Influx, $"m,host=attic b=1 {Time}", authorization)).Status);
        }

        var wrong = Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{key}x"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Influx, $"m,host=kitchen-1 b=1 {Time}", $"Basic {wrong}")).Status);
    }

    private static string Body(params string[] sensors) =>
        $"[{string.Join(',', sensors.Select(sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{Time}},"temperature":21}"""))}]";

    private static string Detail(string answer) => JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString()!;

    /// <param name="key">The key as a bearer token, or a whole header.</param>
    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(
        string path, string body, string key, string type = "application/json", bool gzip = false)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var content = new ByteArrayContent(gzip ? Compressed(bytes) : bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", key.Contains(' ', StringComparison.Ordinal) ? key : $"Bearer {key}");
        using var response = await _server.Http.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    private static byte[] Compressed(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    /// <returns>The number of messages in the topics of all doors.</returns>
    private long Produced()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _server.Kafka }).Build();
        var config = new ConsumerConfig { BootstrapServers = _server.Kafka, GroupId = "count" };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        return Topics.SelectMany(topic => admin.GetMetadata(topic, Deadline).Topics[0].Partitions
                .Select(partition => consumer.QueryWatermarkOffsets(new(topic, partition.PartitionId), Deadline).High.Value))
            .Sum();
    }

    private async Task<IReadOnlyList<string>> SensorsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiServer.UriOf("sensors?limit=1000"));
        request.Headers.Authorization = new("Bearer", GuardedHost.Reader.Key);
        using var response = await _server.Http.SendAsync(request, Stop);
        var page = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement;
        return [.. page.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("sensor_id")}")];
    }

    /// <summary>A server with a source for each door.</summary>
    public sealed class Doors : IAsyncLifetime
    {
        internal ApiServer Server { get; } = new()
        {
            Settings =
            {
                ["Sources:0:Name"] = "telegraf",
                ["Sources:0:Topics:0"] = "telegraf",
                ["Sources:0:Preset"] = "influx",
                ["Sources:1:Name"] = "plain",
                ["Sources:1:Topics:0"] = "plain",
                ["Sources:1:Mapping:Sensor"] = "{/readings/*/id}",
                ["Sources:1:Mapping:Readings"] = "/readings/*",
                ["Sources:1:Mapping:Numbers"] = "/readings/*",
                ["Sources:2:Name"] = "keyed",
                ["Sources:2:Topics:0"] = "keyed",
                ["Sources:2:Mapping:Sensor"] = "{key}",
                ["Sources:2:Mapping:Numbers"] = "",
                ["Sources:3:Name"] = "tele",
                ["Sources:3:Topics:0"] = "tele",
                ["Sources:3:Preset"] = "tasmota",
                ["Sources:4:Name"] = "farm",
                ["Sources:4:Topics:0"] = "farm",
                ["Sources:4:Topics:0"] = "farm",
                ["Sources:4:Format"] = "avro",
                ["Sources:4:Mapping:Sensor"] = "{/id}",
                ["Sources:4:Mapping:Numbers"] = "",
            },
        };

        private RegistryDouble? _registry;

        public async ValueTask InitializeAsync()
        {
            _registry = await RegistryDouble.StartAsync();
            Server.Settings["Sources:4:SchemaRegistry:Url"] = _registry.Url;
            Server.UseKeys();
            await Server.InitializeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await _registry!.DisposeAsync();
        }
    }
}
