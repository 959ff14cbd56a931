using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The latest reading of a sensor is known although nobody watched when it came.</summary>
[Trait("Category", "System")]
public sealed class StoredReadingTests
{
    private const int Sensor = 805;

    [Fact]
    public async Task It_is_there_at_the_first_request_also_after_a_restart()
    {
        using var folder = new TemporaryDirectory();
        var store = $"sqlite:{folder.File("windows.db")}";
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600;
        await using (var server = new ApiServer { Settings = { ["Store"] = store } })
        {
            await server.InitializeAsync();
            await server.PostAsync("readings", $$"""
                [{"sensor_id":{{Sensor}},"timestamp":{{at}},"temperature":21.5,"co2":412},
                 {"sensor_id":{{Sensor}},"timestamp":{{at - 1}},"temperature":20,"humidity":60}]
                """);
            await Until.Async(
                async () => (await server.Store.ReadLatestAsync(["temperature"], TestContext.Current.CancellationToken)).Count > 0,
                () => server.Status.ToString(),
                TimeSpan.FromSeconds(60));
            Check(await server.GetAsync($"sensors/{Sensor}"));
        }

        await using var next = new ApiServer { Settings = { ["Store"] = store } };
        await next.InitializeAsync();
        Check(await next.GetAsync($"sensors/{Sensor}"));

        void Check(JsonElement sensor)
        {
            Assert.Equal(at, sensor.GetProperty("last_reading_at").GetDateTimeOffset().ToUnixTimeSeconds());
            Assert.Equal(21.5, sensor.GetProperty("values").GetProperty("temperature").GetDouble());
            Assert.Equal(412, sensor.GetProperty("values").GetProperty("co2").GetDouble());
            Assert.Equal(JsonValueKind.Null, sensor.GetProperty("values").GetProperty("humidity").ValueKind);
        }
    }
}
