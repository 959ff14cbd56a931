using System.Net;
using System.Text;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Payloads of other systems over HTTP, from the request to the row.</summary>
public sealed class PayloadTests : IAsyncLifetime
{
    private readonly ApiServer _server = new()
    {
        Settings =
        {
            ["Sources:0:Name"] = "lorawan",
            ["Sources:0:Topics:0"] = "lorawan-uplinks",
            ["Sources:0:Preset"] = "chirpstack",
            ["Sources:1:Name"] = "kitchen",
            ["Sources:1:Topics:0"] = "kitchen-*",
            ["Sources:1:Mapping:Sensor"] = "{/id}",
            ["Sources:1:Mapping:Numbers"] = "",
            ["Sources:2:Name"] = "tele",
            ["Sources:2:Topics:0"] = "tele",
            ["Sources:2:Preset"] = "tasmota",
            ["Sources:3:Name"] = "farm",
            ["Sources:3:Topics:0"] = "farm",
            ["Sources:3:Format"] = "avro",
            ["Sources:3:SchemaRegistry:Url"] = "http://127.0.0.1:1",
            ["Sources:3:Mapping:Sensor"] = "{/id}",
            ["Sources:3:Mapping:Numbers"] = "",
        },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_uplink_of_a_webhook_is_in_its_window()
    {
        var (status, body) = await PostAsync("/api/v1/ingest/LoRaWAN", """
            {"time":"2026-11-24T10:15:00.775+01:00","deviceInfo":{"devEui":"0101010101010101"},"object":{"temperature":25.75}}
            """);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((1, 0), (body.GetProperty("readings").GetInt32(), body.GetProperty("rejected").GetInt32()));

        var windows = new Uri(_server.Http.BaseAddress!, "/api/v1/sensors/0101010101010101/windows?from=2026-11-24&to=2026-11-25");
        await Until.Async(
            async () =>
            {
                using var response = await _server.Http.GetAsync(windows, Stop);
                return (await response.Content.ReadAsStringAsync(Stop)).Contains("25.75", StringComparison.Ordinal);
            },
            () => $"{_server.Status}",
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_payload_that_almost_fits_is_answered_with_what_is_missing_and_becomes_a_dead_letter()
    {
        var (status, body) = await PostAsync("/api/v1/ingest/lorawan", """{"deviceInfo":{},"object":{"temperature":25.75}}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        var problem = Assert.Single(body.GetProperty("problems").EnumerateArray());
        Assert.Equal("no-sensor-id", problem.GetProperty("reason").GetString());
        Assert.Contains("devEui", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Until.Async(
            () => _server.Status.Totals.Rejects.ByReason.GetValueOrDefault("no-sensor-id") == 1, () => $"{_server.Status}",
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_payload_whose_schema_registry_is_away_is_not_stored()
    {
        using var content = new ByteArrayContent([0, 0, 0, 0, 7, 2]);
        using var response = await _server.Http.PostAsync(new Uri(_server.Http.BaseAddress!, "/api/v1/ingest/farm"), content, Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        var problem = await response.Content.ReadAsStringAsync(Stop);
        Assert.Contains("Schema registry http://127.0.0.1:1: ", problem, StringComparison.Ordinal);
        Assert.Contains("The payload was not stored", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_topic_of_the_device_names_the_sensor()
    {
        var (_, body) = await PostAsync(
            "/api/v1/ingest/tele?topic=tele/cellar/SENSOR", """{"Time":"2026-11-24T11:15:00","AM2301":{"Temperature":24.5}}""");
        Assert.Equal(1, body.GetProperty("readings").GetInt32());
    }

    [Fact]
    public async Task A_payload_whose_size_Kafka_refuses_is_not_stored_and_the_answer_names_the_limit()
    {
        const short Produce = 0;
        const int MessageTooLarge = 10;
        _server.Broker.FailNext(Produce, MessageTooLarge, 1);
        var (status, body) = await PostAsync("/api/v1/ingest/lorawan", """{"deviceInfo":{"devEui":"1"}}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("max.message.bytes", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/ingest/nothing", "{}", HttpStatusCode.NotFound, "there are lorawan, kitchen, tele")]
    [InlineData("/api/v1/ingest/kitchen", "{}", HttpStatusCode.Conflict, "add a topic by name")]
    [InlineData("/api/v1/ingest/lorawan", "", HttpStatusCode.BadRequest, "The body is empty")]
    [InlineData("/api/v1/ingest/lorawan?keys=1", "{}", HttpStatusCode.BadRequest, "known are key, topic")]
    public async Task What_cannot_be_stored_is_refused_with_the_cure(string path, string payload, HttpStatusCode expected, string cure)
    {
        var (status, body) = await PostAsync(path, payload);
        Assert.Equal(expected, status);
        Assert.Contains(cure, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string payload)
    {
        using var content = new StringContent(payload, Encoding.UTF8, "application/json");
        using var response = await _server.Http.PostAsync(new Uri(_server.Http.BaseAddress!, path), content, Stop);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Stop)));
    }
}
