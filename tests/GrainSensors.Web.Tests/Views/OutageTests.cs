using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Views;

/// <summary>What pages and API say while the store or Kafka is unavailable.</summary>
[Trait("Category", "System")]
public sealed class OutageTests
{
    private const string Banner = "Windows are not written since";
    private const int Sensor = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SensorTimeout = TimeSpan.FromSeconds(8);
    private static readonly string[] Pages = ["/", "/alerts", "/sensors/7", "/cluster"];

    [Fact]
    public async Task Without_the_store_pages_have_the_figures_of_the_API_and_state_nothing_that_was_not_read()
    {
        await using var postgres = new PostgresServer();
        await using var server = new ApiServer { Settings = { ["Store"] = $"postgres:{await postgres.CreateDatabaseAsync()}" } };
        await server.InitializeAsync();

        // Silos record latest readings only from the first request on.
        await server.GetAsync("sensors");
        await ReportAsync(server);
        await Until.Async(async () => (await ConditionAsync(server)) == "reporting", () => "not reporting", Patience);
        Assert.Contains(">Healthy<", await PageAsync(server, "/cluster"), StringComparison.Ordinal);

        await postgres.StopAsync();
        await UntilOutageAsync(server);

        // The sensors were read before, so the view keeps them, and the status of that time must not stay with them. It is read once a
        // second.
        var cluster = "";
        await Until.Async(
            async () => (cluster = await PageAsync(server, "/cluster")).Contains(Banner, StringComparison.Ordinal),
            () => cluster,
            Patience);
        Assert.Contains(">Unhealthy<", cluster, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", cluster, StringComparison.Ordinal);
        foreach (var path in Pages)
        {
            Assert.Contains(Banner, await PageAsync(server, path), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("0 alerts", await PageAsync(server, "/alerts"), StringComparison.Ordinal);
        var sensor = await PageAsync(server, "/sensors/7");
        Assert.DoesNotContain("No data", sensor, StringComparison.Ordinal);
        Assert.DoesNotContain("No alerts", sensor, StringComparison.Ordinal);
        Assert.DoesNotContain("0 windows", sensor, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_page_in_an_outage_of_the_store_tells_of_it_and_claims_no_empty_fleet()
    {
        await using var postgres = new PostgresServer();
        await using var server = new ApiServer { Settings = { ["Store"] = $"postgres:{await postgres.CreateDatabaseAsync()}" } };
        await server.InitializeAsync();
        await ReportAsync(server);
        await postgres.StopAsync();
        await UntilOutageAsync(server);

        var fleet = await PageAsync(server, "/");
        Assert.Contains(Banner, fleet, StringComparison.Ordinal);
        Assert.DoesNotContain("No data yet", fleet, StringComparison.Ordinal);
        Assert.DoesNotContain("0 sensors", fleet, StringComparison.Ordinal);
        Assert.Contains(">Unhealthy<", await PageAsync(server, "/cluster"), StringComparison.Ordinal);
        using var answer = await server.Http.GetAsync(ApiServer.UriOf("sensors"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Without_Kafka_no_sensor_gets_silent_and_every_page_tells_of_the_outage()
    {
        await using var server = new ApiServer { Settings = { ["Monitor:Timeout"] = $"{SensorTimeout}" } };
        await server.InitializeAsync();
        await server.GetAsync("sensors");
        await ReportAsync(server);
        await Until.Async(async () => (await ConditionAsync(server)) == "reporting", () => "not reporting", Patience);

        server.Broker.SetDown(true);
        var began = TimeProvider.System.GetTimestamp();
        var conditions = new HashSet<string?>();
        await Until.Async(
            async () =>
            {
                conditions.Add(await ConditionAsync(server));
                return TimeProvider.System.GetElapsedTime(began) > 2 * SensorTimeout
                    && (await PageAsync(server, "/")).Contains(Banner, StringComparison.Ordinal);
            },
            () => string.Join(", ", conditions),
            Patience);

        Assert.Equal(["reporting"], conditions);
        foreach (var path in Pages)
        {
            Assert.Contains(Banner, await PageAsync(server, path), StringComparison.Ordinal);
        }

        // The sensor sends nothing more, so it is silent as soon as Kafka shows that.
        server.Broker.SetDown(false);
        await Until.Async(async () => (await ConditionAsync(server)) == "silent", () => "not silent", Patience);
    }

    private static async Task ReportAsync(ApiServer server)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using var response = await server.Http.PostAsJsonAsync(
            ApiServer.UriOf("readings"),
            new { sensor_id = Sensor, timestamp = now, temperature = 20 },
            TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);
    }

    private static async Task<string?> ConditionAsync(ApiServer server) => (await server.GetAsync("sensors")).GetProperty("items")
        .EnumerateArray().Where(sensor => sensor.GetProperty("sensor_id").GetInt32() == Sensor)
        .Select(sensor => sensor.GetProperty("condition").GetString()).SingleOrDefault();

    private static Task UntilOutageAsync(ApiServer server) => Until.Async(() => IsOutageAsync(server), () => "no outage", Patience);

    private static async Task<bool> IsOutageAsync(ApiServer server) =>
        (await server.GetAsync("status")).GetProperty("write_outage").ValueKind == JsonValueKind.Object;

    private static async Task<string> PageAsync(ApiServer server, string path) =>
        await server.Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
