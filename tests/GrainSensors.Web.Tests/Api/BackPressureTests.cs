using System.Globalization;
using System.Net;
using System.Text;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>A client that sends readings faster than the pipeline ingests them has to wait.</summary>
[Trait("Category", "System")]
public sealed class BackPressureTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readings_beyond_the_limit_are_refused_with_a_retry_time_and_accepted_later()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(1)).StatusCode);
        server.Broker.SetDown(true);
        var sent = new List<Task<HttpResponseMessage>>();
        var refused = default(HttpResponseMessage);
        while (refused is null && sent.Count < 20)
        {
            // All earlier requests wait for the broker.
            var answer = PostAsync(ReadingIntake.MaxItems);
            sent.Add(answer);
            await Task.WhenAny(answer, server.UntilWaitingAsync(sent.Count * ReadingIntake.MaxItems));
            refused = answer.IsCompleted ? await answer : null;
        }

        server.Broker.SetDown(false);
        Assert.NotNull(refused);
        Assert.Contains("do not keep up", await Problem.AssertAsync(refused, HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);

        await Task.WhenAll(sent);
        await Until.Async(
            async () => (await PostAsync(1)).StatusCode == HttpStatusCode.Accepted,
            () => server.Status.ToString(),
            TimeSpan.FromSeconds(60));
    }

    private async Task<HttpResponseMessage> PostAsync(int readings)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var json = new StringBuilder("[");
        for (var i = 0; i < readings; i++)
        {
            json.Append(i > 0 ? "," : "");
            json.Append(CultureInfo.InvariantCulture, $"{{\"sensor_id\":{i},\"timestamp\":{now},\"temperature\":20}}");
        }

        using var content = new StringContent(json.Append(']').ToString(), Encoding.UTF8, "application/json");
        return await server.Http.PostAsync(ApiServer.UriOf("readings"), content, Cancellation);
    }
}
