using System.Net;
using GrainSensors.Web.Tests.Access;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The limits of event streams, of a key and of a silo.</summary>
[Trait("Category", "System")]
public sealed class EventStreamLimitTests : IAsyncLifetime
{
    private readonly ApiServer _server = new();

    public async ValueTask InitializeAsync()
    {
        _server.UseKeys();
        _server.Settings["Http:MaxStreamsPerKey"] = "2";
        _server.Settings["Http:MaxStreams"] = "3";
        await _server.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Streams_beyond_a_limit_are_refused_with_a_retry_time_and_closed_ones_make_room()
    {
        using var first = await ListenAsync(GuardedHost.Reader.Key);
        using var second = await ListenAsync(GuardedHost.Reader.Key);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        using var third = await ListenAsync(GuardedHost.Reader.Key);
        var detail = await Problem.AssertAsync(third, HttpStatusCode.TooManyRequests);
        Assert.Contains("The key \"ann\" has 2 event streams, which is the limit", detail, StringComparison.Ordinal);
        Assert.NotNull(third.Headers.RetryAfter);

        using var other = await ListenAsync(GuardedHost.Admin.Key);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var beyond = await ListenAsync(GuardedHost.Admin.Key);
        Assert.Contains(
            "The silo has 3 event streams", await Problem.AssertAsync(beyond, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);

        first.Dispose();
        var last = HttpStatusCode.Unused;
        await Until.Async(
            async () =>
            {
                using var again = await ListenAsync(GuardedHost.Reader.Key);
                return (last = again.StatusCode) == HttpStatusCode.OK;
            },
            () => $"{last}",
            TimeSpan.FromSeconds(30));
    }

    private async Task<HttpResponseMessage> ListenAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiServer.UriOf("events"));
        request.Headers.Authorization = new("Bearer", key);
        return await _server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
