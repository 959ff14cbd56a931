namespace GrainSensors.Web.Tests.Api;

/// <summary>Measurements over HTTP: declared ones with their units, discovered ones, and their latest values.</summary>
[Trait("Category", "System")]
public sealed class MeasurementsApiTests
{
    private const int Sensor = 806;

    [Fact]
    public async Task Values_are_shown_in_the_unit_that_is_kept_and_others_as_they_were_found()
    {
        await using var server = new ApiServer
        {
            Settings =
            {
                ["Measurements:0:Name"] = "temperature",
                ["Measurements:0:Min"] = "-40",
                ["Measurements:0:Max"] = "60",
                ["Measurements:0:SentUnit"] = "°F",
                ["Measurements:0:Missing:0"] = "-127",
            },
        };
        await server.InitializeAsync();
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5;
        await server.GetAsync("sensors");
        await server.PostAsync("readings", $$"""
            [{"sensor_id":{{Sensor}},"timestamp":{{at}},"temperature":71.6,"co2":412},
             {"sensor_id":{{Sensor}},"timestamp":{{at + 1}},"temperature":212.5e-1,"pressure":1013},
             {"sensor_id":{{Sensor}},"timestamp":{{at + 2}},"temperature":-127,"pressure":1014}]
            """);
        await Until.Async(
            async () => (await server.GetAsync($"sensors?sensor={Sensor}")).GetProperty("items") is var items
                && items.GetArrayLength() == 1 && items[0].GetProperty("values").TryGetProperty("pressure", out var pressure)
                && pressure.GetDouble() == 1014,
            () => server.Status.ToString(),
            TimeSpan.FromSeconds(60));

        Assert.Equal(
            "null", (await server.GetAsync($"sensors/{Sensor}")).GetProperty("values").GetProperty("temperature").GetRawText());
        await Until.Async(
            async () => (await server.GetAsync($"sensors/{Sensor}/windows")).GetProperty("items").GetArrayLength() > 0,
            () => server.Status.ToString(),
            TimeSpan.FromSeconds(60));
        var temperatures = (await server.GetAsync($"sensors/{Sensor}/windows")).GetProperty("items").EnumerateArray()
            .Select(window => window.GetProperty("metrics").GetProperty("temperature").GetProperty("max").GetDouble());
        Assert.Equal(22, temperatures.Max(), 1e-9);
        var list = (await server.GetAsync("measurements")).GetProperty("items").EnumerateArray()
            .Select(item => string.Join(
                ' ', new[] { "name", "unit", "sent_unit", "is_declared" }.Select(member => $"{item.GetProperty(member)}")));
        Assert.Equal(["temperature °C °F True", "co2   False", "pressure   False"], list);
    }
}
