using GrainSensors.Core.Sensors;

namespace GrainSensors.Web.Tests.Views;

/// <summary>What the console shows of the registry before it is connected.</summary>
[Trait("Category", "System")]
public sealed class RegistryPageTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pages_of_a_sensor_and_of_the_fleet_show_its_display_name_tags_and_place()
    {
        var number = (await server.Store.Names.RegisterAsync(["boiler/1"], Stop))[0];
        await server.Store.Sensors.WriteAsync(
            [
                new(number, "Vigo")
                {
                    Name = "boiler/1",
                    DisplayName = "Boiler room",
                    Tags = SensorTags.Of([new("floor", "0")]),
                    Latitude = 42.25,
                    Longitude = -8.5,
                },
            ],
            Stop);
        await Until.Async(
            async () => (await PageAsync("/")).Contains("Boiler room", StringComparison.Ordinal),
            () => "not shown",
            TimeSpan.FromSeconds(60));

        var fleet = await PageAsync("/");
        Assert.Contains("floor=0", fleet, StringComparison.Ordinal);
        Assert.Contains("sensors/named?sensor=boiler%2F1", fleet, StringComparison.Ordinal);
        var page = await PageAsync("/sensors/named?sensor=boiler%2F1");
        Assert.All(["Boiler room", "floor=0", "Vigo", "42.25", "Edit"], text => Assert.Contains(text, page, StringComparison.Ordinal));
        Assert.Contains("Not registered", await PageAsync("/sensors/8899"), StringComparison.Ordinal);
    }

    private Task<string> PageAsync(string path) => server.Http.GetStringAsync(new Uri(path, UriKind.Relative), Stop);
}
