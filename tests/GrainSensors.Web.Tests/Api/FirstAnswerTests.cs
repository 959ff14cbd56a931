using System.Net.Http.Json;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>What somebody is told who asks for sensors where nobody has asked for some time.</summary>
[Trait("Category", "System")]
public sealed class FirstAnswerTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int Disconnected = 1;
    private const int Reporting = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The open alert is known at once, the readings only when the silos have been asked to keep them.</summary>
    [Fact]
    public async Task Holds_those_that_report_though_another_one_is_in_trouble()
    {
        await ReportAsync(Disconnected, 20);
        await ReportAsync(Disconnected, null);
        await Until.Async(async () => Items(await GetAsync("alerts?status=open")).Any(), () => "no alert", TimeSpan.FromSeconds(30));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var reports = ReportUntilAsync(ended.Token);

        var found = await GetAsync("sensors?condition=reporting");
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
            // It was long enough.
        }
    }

    private async Task ReportAsync(int sensorId, double? temperature)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using var response = await server.Http.PostAsJsonAsync(
            new Uri("/api/v1/readings", UriKind.Relative), new { sensor_id = sensorId, timestamp = now, temperature }, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement page) => page.GetProperty("items").EnumerateArray();

    private Task<JsonElement> GetAsync(string path) => server.Http.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/{path}", UriKind.Relative), Cancellation);
}
