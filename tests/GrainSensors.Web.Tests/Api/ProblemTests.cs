using System.Net;
using System.Text;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Every error has the same shape, whatever part of the host refuses the request.</summary>
[Trait("Category", "System")]
public sealed class ProblemTests
{
    private const string NoKey = "";
    private const string Wrong = "wrong";
    private const string Reader = "reader";
    private const string Admin = "admin";

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "POST", "/api/v1/body", Admin, "{", "see /api/v1/openapi.json")]
    [InlineData(HttpStatusCode.BadRequest, "POST", "/api/v1/body", Admin, "{\"by\":7}", "$.by is invalid")]
    [InlineData(HttpStatusCode.Unauthorized, "GET", "/api/v1/body", NoKey, null, "X-Api-Key")]
    [InlineData(HttpStatusCode.Unauthorized, "GET", "/page", Wrong, null, "Invalid access key.")]
    [InlineData(HttpStatusCode.Forbidden, "POST", "/page", Reader, null, "\"ann\" is read-only")]
    [InlineData(HttpStatusCode.NotFound, "GET", "/api/v1/nothing", Admin, null, "/api/v1/nothing does not exist")]
    [InlineData(HttpStatusCode.MethodNotAllowed, "DELETE", "/api/v1/body", Admin, null, "does not support DELETE")]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "POST", "/page", Admin, "large", "GrainSensors:Http:MaxRequestBytes")]
    [InlineData(HttpStatusCode.UnsupportedMediaType, "POST", "/api/v1/body", Admin, "text", "got \"text/plain; charset=utf-8\"")]
    [InlineData(HttpStatusCode.UnsupportedMediaType, "POST", "/api/v1/body", Admin, "charset", "got \"application/json; charset=foo\"")]
    [InlineData(HttpStatusCode.InternalServerError, "GET", "/api/v1/unexpected", Admin, null, "trace_id")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "GET", "/api/v1/unavailable", Admin, null, "the store is away")]
    public async Task An_error_has_type_title_status_detail_and_trace_id(
        HttpStatusCode status, string method, string path, string key, string? body, string says)
    {
        await using var host = await GuardedHost.StartAsync(options => options with { MaxRequestBytes = 2048 });
        foreach (var accept in new[] { "*/*", "text/csv", "text/event-stream" })
        {
            using var content = body switch
            {
                null => null,
                "large" => new StringContent(new string('x', 4096)),
                "charset" => new ByteArrayContent("{}"u8.ToArray()) { Headers = { ContentType = new("application/json", "foo") } },
                "text" => new StringContent("x", Encoding.UTF8, "text/plain"),
                _ => new StringContent(body, Encoding.UTF8, "application/json"),
            };
            var sent = key switch
            {
                Admin => GuardedHost.Admin.Key,
                Reader => GuardedHost.Reader.Key,
                NoKey => null,
                _ => "gsk_unknown",
            };
            using var response = await host.SendAsync(new(method), path, sent, content, ("Accept", accept));

            Assert.Contains(says, await Problem.AssertAsync(response, status), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_of_another_site_is_403()
    {
        await using var host = await GuardedHost.StartAsync();
        using var response = await host.SendAsync(
            HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent("x"), ("Origin", "https://evil.example"));

        Assert.Contains("another site", await Problem.AssertAsync(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_host_name_without_keys_is_421()
    {
        await using var host = await GuardedHost.StartAsync(new HttpOptions());
        using var response = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Host", "evil.example:8080"));

        var detail = await Problem.AssertAsync(response, HttpStatusCode.MisdirectedRequest);
        Assert.Contains("\"evil.example:8080\"", detail, StringComparison.Ordinal);
        Assert.Contains("grainsensors key", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_requests_are_429()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { RequestsPerSecond = 1 });
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.SendAsync(HttpMethod.Get, "/page")));

        var refused = responses.First(response => response.StatusCode == HttpStatusCode.TooManyRequests);
        var detail = await Problem.AssertAsync(refused, HttpStatusCode.TooManyRequests);
        Assert.Contains("1 requests per second", detail, StringComparison.Ordinal);
    }
}
