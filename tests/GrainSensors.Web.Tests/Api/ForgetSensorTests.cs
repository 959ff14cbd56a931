using System.Net;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>A sensor is dismissed through the API while the pipeline runs.</summary>
[Trait("Category", "System")]
public sealed class ForgetSensorTests
{
    private const int Ghost = 99;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_leaves_fleet_and_alerts_keeps_its_windows_and_comes_back_with_a_later_reading()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await server.GetAsync("sensors");
        await ReportAsync(server, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), "null");
        await Until.Async(async () => await OpenAsync(server) == 1, () => "no alert", Patience);
        await Until.Async(async () => await IsKnownAsync(server), () => "not in the fleet", Patience);

        Assert.Equal(HttpStatusCode.NoContent, await ForgetAsync(server, Ghost));

        Assert.Equal(0, await OpenAsync(server));
        await Until.Async(async () => !await IsKnownAsync(server), () => "still in the fleet", Patience);

        // The monitor tells the log topic, too. An older reading changes nothing, neither there nor in the fleet.
        var forgotten = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await ReportAsync(server, forgotten - 5, "21.5");
        await Until.Async(
            async () => (await server.GetAsync($"sensors/{Ghost}/windows")).GetProperty("items").GetArrayLength() > 0,
            () => server.Status.ToString(),
            Patience);
        Assert.False(await IsKnownAsync(server));
        Assert.Equal(0, await OpenAsync(server));

        await ReportAsync(server, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1, "22");
        await Until.Async(async () => await IsKnownAsync(server), () => "not back", Patience);
        Assert.Equal(0, await OpenAsync(server));
    }

    [Fact]
    public async Task A_registered_sensor_is_unregistered_and_an_unknown_one_is_not_found()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await server.Store.Sensors.WriteAsync([new(Ghost, "Vigo")], TestContext.Current.CancellationToken);
        await Until.Async(async () => await IsKnownAsync(server), () => "not in the fleet", Patience);

        Assert.Equal(HttpStatusCode.NoContent, await ForgetAsync(server, Ghost));
        Assert.Equal(HttpStatusCode.NotFound, await ForgetAsync(server, 8888));

        await Until.Async(async () => !await IsKnownAsync(server), () => "still in the fleet", Patience);
        Assert.Empty(await server.Store.Sensors.FindAsync([Ghost], TestContext.Current.CancellationToken));
    }

    private static async Task ReportAsync(ApiServer server, long at, string temperature) =>
        await server.PostAsync("readings", $$"""{"sensor_id":{{Ghost}},"timestamp":{{at}},"temperature":{{temperature}}}""");

    private static async Task<HttpStatusCode> ForgetAsync(ApiServer server, int sensor)
    {
        using var response = await server.Http.DeleteAsync(ApiServer.UriOf($"sensors/{sensor}"), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<bool> IsKnownAsync(ApiServer server)
    {
        using var response = await server.Http.GetAsync(ApiServer.UriOf($"sensors/{Ghost}"), TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.OK;
    }

    private static async Task<int> OpenAsync(ApiServer server)
    {
        JsonElement alerts = await server.GetAsync($"alerts?status=open&sensor_id={Ghost}");
        return alerts.GetProperty("items").GetArrayLength();
    }
}
