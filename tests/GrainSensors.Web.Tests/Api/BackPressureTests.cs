using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>What a sender is told whose readings come faster than they can be taken.</summary>
[Trait("Category", "System")]
public sealed class BackPressureTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_than_can_wait_is_refused_with_a_time_to_come_back_and_taken_then()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(1)).StatusCode);
        server.Broker.SetDown(true);
        var sent = new List<Task<HttpResponseMessage>>();
        var refused = default(HttpResponseMessage);
        while (refused is null && sent.Count < 20)
        {
            // All of those before wait for the broker.
            var answer = PostAsync(ReadingIntake.MaxItems);
            sent.Add(answer);
            await Task.WhenAny(answer, server.UntilWaitingAsync(sent.Count * ReadingIntake.MaxItems));
            refused = answer.IsCompleted ? await answer : null;
        }

        server.Broker.SetDown(false);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused?.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused!.Headers.RetryAfter?.Delta);
        Assert.Contains("do not keep up", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);

        await Task.WhenAll(sent);
        await Until.Async(async () => (await PostAsync(1)).StatusCode == HttpStatusCode.Accepted, () => server.Status.ToString(), TimeSpan.FromSeconds(60));
    }

    private async Task<HttpResponseMessage> PostAsync(int readings)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var json = new StringBuilder("[");
        for (var i = 0; i < readings; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"sensor_id\":{i},\"timestamp\":{now},\"temperature\":20}}");
        }

        using var content = new StringContent(json.Append(']').ToString(), Encoding.UTF8, "application/json");
        return await server.Http.PostAsync(new Uri("/api/v1/readings", UriKind.Relative), content, Cancellation);
    }
}
