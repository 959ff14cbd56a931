using System.Net.Http.Json;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The first answer about sensors after a time without requests.</summary>
[Trait("Category", "System")]
public sealed class FirstAnswerTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int Disconnected = 1;
    private const int Reporting = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The open alert is known at once; silos record latest readings only from the first request on.</summary>
    [Fact]
    public async Task Has_the_reporting_sensors_although_another_one_has_an_alert()
    {
        await ReportAsync(Disconnected, 20);
        await ReportAsync(Disconnected, null);
        await Until.Async(async () => Items(await server.GetAsync("alerts?status=open")).Any(), () => "no alert", TimeSpan.FromSeconds(30));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var reports = ReportUntilAsync(ended.Token);

        var found = await server.GetAsync("sensors?condition=reporting");
        await ended.CancelAsync();
        await reports;

        Assert.Contains(Reporting, Items(found).Select(sensor => sensor.GetProperty("sensor_id").GetInt32()));
    }

    private async Task ReportUntilAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                await ReportAsync(Reporting, 21);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The test has its answer.
        }
    }

    private async Task ReportAsync(int sensorId, double? temperature)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using var response = await server.Http.PostAsJsonAsync(
            ApiServer.UriOf("readings"), new { sensor_id = sensorId, timestamp = now, temperature }, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement page) => page.GetProperty("items").EnumerateArray();
}
