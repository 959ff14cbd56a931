using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Api;

/// <summary>More registered sensors than a silo tracks.</summary>
[Trait("Category", "System")]
public sealed class FleetLimitTests
{
    [Fact]
    public async Task A_fleet_beyond_the_limit_says_so_and_the_registry_has_all_of_it()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var last = FleetView.MaxSensors + 50;
        await server.Store.Sensors.WriteAsync(
            [
                .. Enumerable.Range(0, last).Select(id => new RegisteredSensor(id)),
                new(last) { Tags = SensorTags.Of([new("room", "last")]) },
            ],
            TestContext.Current.CancellationToken);

        await Until.Async(
            async () => (await server.GetAsync("sensors?limit=1")).GetProperty("is_partial").GetBoolean(),
            () => "not read",
            TimeSpan.FromSeconds(60));

        var found = await server.GetAsync("registry?tag=room%3Dlast");
        Assert.Equal(last, Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("sensor_id").GetInt32());
        var page = await server.GetAsync("registry?q=nowhere");
        Assert.Equal((0, true), (page.GetProperty("items").GetArrayLength(), page.GetProperty("has_more").GetBoolean()));
        Assert.InRange(int.Parse(
            page.GetProperty("next").GetString()!, System.Globalization.CultureInfo.InvariantCulture), 20_000, 22_000);
    }
}
