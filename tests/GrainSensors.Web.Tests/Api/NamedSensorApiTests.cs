using System.Text.Json;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.LogTopic;
using GrainSensors.Ingest.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Sensors with names, from a request to every door that shows them. None shows the number.</summary>
[Trait("Category", "System")]
public sealed class NamedSensorApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"kitchen-1\"", "kitchen-1", "sensors/kitchen-1/windows")]
    [InlineData("\"Küche 2\"", "Küche 2", "sensors/K%C3%BCche%202/windows")]
    [InlineData("\"a/b, c\"", "a/b, c", "sensors/_/windows?sensor=a%2Fb%2C%20c")]
    [InlineData("\"..\"", "..", "sensors/_/windows?sensor=..")]
    [InlineData("-9000000000", "-9000000000", "sensors/-9000000000/windows")]
    [InlineData("\"007\"", "007", "sensors/007/windows")]
    public async Task The_windows_of_a_name_are_found_by_it(string id, string name, string path)
    {
        await PostAsync(id, "21.5");
        await Until.Async(
            async () => (await ItemsAsync(path)).Count == 1 && (await FindAsync(name)) is not null,
            () => server.Status.ToString(),
            Patience);
        Assert.Equal(name, (await server.GetAsync(path)).GetProperty("sensor_id").GetString());
        var csvPath = path.Replace("/windows", "/windows.csv", StringComparison.Ordinal);
        var csv = await server.Http.GetStringAsync(ApiServer.UriOf(csvPath), Stop);
        var field = name.Contains(',', StringComparison.Ordinal) ? $"\"{name}\"" : name;
        Assert.StartsWith($"{field},", csv.Split('\n')[1], StringComparison.Ordinal);
        var report = await server.GetAsync($"reports/{DateTime.UtcNow:yyyy-MM-dd}?sensor={Uri.EscapeDataString(name)}");
        Assert.Equal(name, Assert.Single(report.GetProperty("sensors").EnumerateArray()).GetProperty("sensor_id").GetString());
    }

    [Fact]
    public async Task Text_that_is_an_id_is_the_id()
    {
        await PostAsync("\"8711\"", "21.5");
        await Until.Async(
            async () => (await ItemsAsync("sensors/8711/windows")).Count == 1, () => server.Status.ToString(), Patience);
        Assert.Equal(8711, (await server.GetAsync("sensors/8711/windows")).GetProperty("sensor_id").GetInt32());
    }

    [Fact]
    public async Task Alerts_events_and_topics_have_the_name()
    {
        var kafka = server.Services.GetRequiredService<IOptions<KafkaOptions>>().Value;
        using var windows = await ClosedWindowLog.OpenAsync(kafka, new Dictionary<int, long>());
        await PostAsync("\"pump\"", "21.5");
        await PostAsync("\"pump\"", "null");
        await Until.Async(
            async () => (await ItemsAsync("alerts?sensor_id=pump")).Count == 1, () => server.Status.ToString(), Patience);
        var alert = (await ItemsAsync("alerts?sensor=pump"))[0];
        Assert.Equal(
            ("pump", "Sensor pump: disconnected"), (alert.GetProperty("sensor_id").GetString(), alert.GetProperty("message").GetString()));
        Assert.Empty(await ItemsAsync("alerts?sensor=unheard-of"));

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Patience);
        await foreach (var line in new LogTopicReader(kafka).ReadAsync(DateTimeOffset.UtcNow.AddHours(-1), follow: true, limit.Token))
        {
            if (line.Message.Sensor.Name == "pump")
            {
                Assert.Equal("Sensor pump: disconnected", line.Message.Message);
                Assert.Equal(JsonValueKind.String, line.Message.Json.GetProperty("sensor_id").ValueKind);
                break;
            }
        }

        await server.Services.GetRequiredService<IngestService>().CloseAllAsync();
        var closed = new List<ClosedWindowEvent>();
        await Until.Async(
            () =>
            {
                closed.AddRange(windows.Read(100, TimeSpan.FromSeconds(1)));
                return closed.Exists(window => window.Sensor.Name == "pump");
            },
            () => $"{closed.Count} windows",
            Patience);
        var json = JsonDocument.Parse(closed.Find(window => window.Sensor.Name == "pump")!.Json).RootElement;
        Assert.Equal("pump", json.GetProperty("sensor_id").GetString());
        Assert.StartsWith("pump/temperature/", json.GetProperty("event_id").GetString(), StringComparison.Ordinal);
    }

    private async Task PostAsync(string id, string temperature)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (status, body) = await server.PostAsync(
            "readings", $$"""{"sensor_id":{{id}},"timestamp":{{now}},"temperature":{{temperature}}}""");
        Assert.True(status == System.Net.HttpStatusCode.Accepted, $"{body}");
    }

    private async Task<List<JsonElement>> ItemsAsync(string path)
    {
        using var response = await server.Http.GetAsync(ApiServer.UriOf(path), Stop);
        return response.IsSuccessStatusCode
            ? [.. JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("items").EnumerateArray()]
            : [];
    }

    private async Task<JsonElement?> FindAsync(string name)
    {
        var sensors = await ItemsAsync($"sensors?sensor={Uri.EscapeDataString(name)}");
        return sensors.Count == 1 && sensors[0].GetProperty("sensor_id").GetString() == name ? sensors[0] : null;
    }
}
