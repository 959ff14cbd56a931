using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The fleet calls a sensor silent after the same timeout as the monitor.</summary>
[Trait("Category", "System")]
public sealed class FleetTimeoutTests
{
    private const int Usual = 801;
    private const int Impatient = 802;
    private const int Patient = 803;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_sensor_is_silent_after_the_configured_timeout_or_after_its_own()
    {
        await using var server = new ApiServer { Settings = { ["Monitor:Timeout"] = "00:03:00" } };
        await server.InitializeAsync();
        await server.Store.Sensors.WriteAsync(
            [
                new(Impatient, Overrides: """{"timeout":"00:00:20"}"""),
                new(Patient, Overrides: """{"timeout":"01:00:00"}"""),
                new(Usual, Overrides: """{"timeout":"soon"}"""),
            ],
            TestContext.Current.CancellationToken);

        // Silos record latest readings only from the first request on.
        await server.GetAsync("sensors");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await server.PostAsync("readings", $$"""
            [{"sensor_id":{{Usual}},"timestamp":{{now - 60}},"temperature":20},
             {"sensor_id":{{Impatient}},"timestamp":{{now - 60}},"temperature":20},
             {"sensor_id":{{Patient}},"timestamp":{{now - 600}},"temperature":20}]
            """);
        var expected = new Dictionary<int, string> { [Usual] = "reporting", [Impatient] = "silent", [Patient] = "reporting" };
        var found = new Dictionary<int, string>();

        // The directory of sensors may be up to 30 s old.
        await Until.Async(
            async () =>
            {
                found = (await server.GetAsync("sensors")).GetProperty("items").EnumerateArray()
                    .Where(sensor => sensor.GetProperty("last_reading_at").ValueKind == JsonValueKind.String)
                    .ToDictionary(
                        sensor => sensor.GetProperty("sensor_id").GetInt32(), sensor => sensor.GetProperty("condition").GetString()!);
                return found.Count == expected.Count && !found.Except(expected).Any();
            },
            () => string.Join(", ", found),
            Patience);
    }
}
