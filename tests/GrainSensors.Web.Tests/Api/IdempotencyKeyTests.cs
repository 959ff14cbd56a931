using System.Net;
using System.Text;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The header Idempotency-Key at both doors, with the embedded broker.</summary>
[Trait("Category", "System")]
public sealed class IdempotencyKeyTests : IAsyncLifetime
{
    private const string Readings = "readings";
    private const string Source = "ingest/kitchen?key=7";
    private static readonly string Reading =
        $$"""{"sensor_id":7,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":21.5}""";
    private readonly ApiServer _server = new()
    {
        Settings =
        {
            ["Sources:0:Name"] = "kitchen",
            ["Sources:0:Topics:0"] = "kitchen",
            ["Sources:0:Mapping:Sensor"] = "{/sensor_id}",
            ["Sources:0:Mapping:Numbers"] = "",
        },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(Readings)]
    [InlineData(Source)]
    public async Task A_repeat_gets_the_answer_of_the_first_request_and_counts_once(string path)
    {
        var first = await PostAsync(path, "order 1");
        Assert.Equal((HttpStatusCode.Accepted, null), (first.Status, first.Replayed));

        var repeat = await PostAsync(path, "order 1");
        Assert.Equal((first.Status, first.Body, "true"), (repeat.Status, repeat.Body, repeat.Replayed));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(path, "order 2")).Status);

        // The other request was read after both of the first key, as its messages have the same partition.
        await Until.Async(() => _server.Status.Totals.Readings >= 2, () => $"{_server.Status}", TimeSpan.FromSeconds(30));
        Assert.Equal(2, _server.Status.Totals.Readings);
    }

    [Fact]
    public async Task A_key_of_another_request_is_refused()
    {
        await PostAsync(Readings, "order 1");
        await RefusedAsync(Readings, "order 1", Reading.Replace("21.5", "22.5", StringComparison.Ordinal));
        await RefusedAsync(Source, "order 1", Reading);

        async Task RefusedAsync(string path, string key, string body)
        {
            var refused = await PostAsync(path, key, body);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.Contains("belongs to a request with another path", refused.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_of_a_request_that_was_invalid_can_be_used_for_the_corrected_one()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Readings, "order 1", """{"sensor_id":7}""")).Status);
        Assert.Equal((HttpStatusCode.Accepted, null), await StatusAsync(Readings, "order 1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("too long")]
    public async Task A_key_that_is_not_printable_ASCII_of_some_length_is_refused(string key)
    {
        var refused = await PostAsync(Readings, key == "too long" ? new('k', 256) : key);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("Idempotency-Key must have 1 to 255 printable ASCII characters", refused.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Readings, new('k', 255))).Status);
    }

    [Fact]
    public async Task A_request_under_way_is_refused_with_the_time_after_which_it_can_be_repeated()
    {
        await ClaimAsync(TimeSpan.FromSeconds(20));
        var refused = await PostAsync(Readings, "order 1");
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("is under way", refused.Body, StringComparison.Ordinal);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Without_transactions_a_request_that_ended_without_an_answer_is_not_stored_again()
    {
        await ClaimAsync(TimeSpan.Zero);
        var refused = await PostAsync(Readings, "order 1");
        Assert.Equal((HttpStatusCode.Conflict, null), (refused.Status, refused.RetryAfter));
        Assert.Contains("it is not known whether its readings are stored", refused.Body, StringComparison.Ordinal);
        Assert.Equal(1, _server.Status.Totals.Readings);
    }

    /// <summary>As a request that has not ended: the first one of the key tells its hash.</summary>
    private async Task ClaimAsync(TimeSpan hold)
    {
        var caller = new ClaimKey("access/everybody", "order 1");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Readings, "other")).Status);
        var known = await _server.Store.IdempotencyKeys.FindAsync(caller with { Key = "other" }, Stop);
        await Until.Async(() => _server.Status.Totals.Readings == 1, () => $"{_server.Status}", TimeSpan.FromSeconds(30));
        Assert.True(await _server.Store.IdempotencyKeys.AddAsync(caller, Guid.NewGuid(), known!.Claim, hold, Stop));
    }

    private async Task<(HttpStatusCode, string?)> StatusAsync(string path, string key)
    {
        var (status, _, replayed, _) = await PostAsync(path, key);
        return (status, replayed);
    }

    private async Task<(HttpStatusCode Status, string Body, string? Replayed, TimeSpan? RetryAfter)> PostAsync(
        string path, string key, string? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiServer.UriOf(path));
        request.Content = new StringContent(body ?? Reading, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation(KeyedRequests.Header, key);
        using var response = await _server.Http.SendAsync(request, Stop);
        return (
            response.StatusCode,
            await response.Content.ReadAsStringAsync(Stop),
            response.Headers.TryGetValues(KeyedRequests.ReplayedHeader, out var replayed) ? replayed.Single() : null,
            response.Headers.RetryAfter?.Delta);
    }
}
