using System.Net;
using System.Net.Http.Json;
using GrainSensors.Web.Tests.Api;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Access by key, role, origin and rate.</summary>
[Trait("Category", "System")]
public sealed class AccessControlTests
{
    private static readonly string Stranger = GuardedHost.Make("eve", Hosting.Configuration.AccessRole.Admin).Key;

    [Theory]
    [InlineData("GET", "/page")]
    [InlineData("POST", "/page")]
    [InlineData("GET", "/admin")]
    [InlineData("GET", "/nothing-is-here")]
    [InlineData("DELETE", "/nothing-is-here")]
    public async Task Without_a_key_only_health_is_served(string method, string path)
    {
        await using var host = await GuardedHost.StartAsync();

        using var refused = await host.SendAsync(new(method), path);
        using var health = await host.SendAsync(HttpMethod.Get, "/health/live");

        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Contains("X-Api-Key", await Problem.AssertAsync(refused, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task An_invalid_key_is_refused_without_being_repeated()
    {
        await using var host = await GuardedHost.StartAsync();
        var (key, hash) = (GuardedHost.Admin.Key, GuardedHost.Admin.Options.Hash);
        foreach (var wrong in new[] { Stranger, "x", key[..^1], key + "x", hash, new string('k', 5000) })
        {
            using var refused = await host.SendAsync(HttpMethod.Get, "/page", wrong);

            Assert.Equal("Invalid access key.", await Problem.AssertAsync(refused, HttpStatusCode.Unauthorized));
        }
    }

    [Fact]
    public async Task A_read_key_reads_and_cannot_write()
    {
        await using var host = await GuardedHost.StartAsync();

        Assert.Equal("hello ann", await TextAsync(await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key)));
        Assert.Equal("connected", await TextAsync(await host.SendAsync(HttpMethod.Post, "/_blazor/negotiate", GuardedHost.Reader.Key)));
        (HttpMethod, string)[] others = [(HttpMethod.Post, "/page"), (HttpMethod.Get, "/admin"), (HttpMethod.Put, "/nothing-is-here")];
        foreach (var (method, path) in others)
        {
            using var refused = await host.SendAsync(method, path, GuardedHost.Reader.Key);
            var detail = await Problem.AssertAsync(refused, HttpStatusCode.Forbidden);
            Assert.Contains("\"ann\" is read-only", detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_admin_key_does_everything_by_either_header()
    {
        await using var host = await GuardedHost.StartAsync();

        var key = GuardedHost.Admin.Key;
        Assert.Equal("5", await TextAsync(await host.SendAsync(HttpMethod.Post, "/page", key, new StringContent("12345"))));
        Assert.Equal("secret", await TextAsync(await host.SendAsync(HttpMethod.Get, "/admin", headers: ("X-Api-Key", key))));
        using var missing = await host.SendAsync(HttpMethod.Get, "/nothing-is-here", key);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Without_keys_requests_for_loopback_may_do_everything()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        Assert.Equal("secret", await TextAsync(await host.SendAsync(HttpMethod.Get, "/admin")));
        Assert.Equal("3", await TextAsync(await host.SendAsync(HttpMethod.Post, "/page", content: new StringContent("123"))));
        foreach (var name in new[] { "localhost:8080", "127.0.0.1", "[::1]:1" })
        {
            using var answer = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Host", name));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // A page of another site whose name resolves to loopback.
        using var rebound = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Host", "evil.example:8080"));
        await Problem.AssertAsync(rebound, HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task Insecure_is_open_under_every_name()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions
        {
            Insecure = true,
            Address = IPAddress.Any,
        });

        using var answer = await host.SendAsync(HttpMethod.Get, "/admin", headers: ("Host", "sensors.example"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    public async Task Requests_of_another_site_change_nothing(string header, string value, bool isOwn)
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        using var post = await PostAsync(host, "/page", (header, value));
        using var connection = await PostAsync(host, "/_blazor/negotiate", (header, value));
        using var socket = await host.SendAsync(
            HttpMethod.Get, "/page", headers: [(header, value), ("Connection", "Upgrade"), ("Upgrade", "websocket")]);
        using var get = await host.SendAsync(HttpMethod.Get, "/page", headers: (header, value));

        Assert.Equal(isOwn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, post.StatusCode);
        Assert.Equal(isOwn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, connection.StatusCode);
        Assert.Equal(isOwn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, socket.StatusCode);
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
    }

    [Fact]
    public async Task Pages_of_a_configured_site_use_the_API_with_a_key_and_never_in_a_session()
    {
        const string Site = "https://dash.example";
        await using var host = await GuardedHost.StartAsync(options => options with { CorsOrigins = $"{Site}/, http://localhost:3000" });

        using var preflight = await host.SendAsync(
            HttpMethod.Options, "/api/v1/body",
            headers: [("Origin", Site), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-api-key")]);
        Assert.Equal((HttpStatusCode.NoContent, Site), (preflight.StatusCode, AllowedOrigin(preflight)));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        using var post = await PostBodyAsync("Ada", ("Origin", Site), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal((HttpStatusCode.OK, Site), (post.StatusCode, AllowedOrigin(post)));
        using var session = await PostBodyAsync(
            "Ada", ("Origin", Site), ("Cookie", "grainsensors_session=x"), ("Sec-Fetch-Site", "same-site"));
        Assert.Equal(HttpStatusCode.Forbidden, session.StatusCode);
        using var other = await PostBodyAsync("Ada", ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal((HttpStatusCode.Forbidden, null), (other.StatusCode, AllowedOrigin(other)));
        using var page = await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key, headers: ("Origin", Site));
        Assert.Null(AllowedOrigin(page));

        Task<HttpResponseMessage> PostBodyAsync(string by, params (string, string)[] headers) =>
            host.SendAsync(HttpMethod.Post, "/api/v1/body", GuardedHost.Admin.Key, JsonContent.Create(new { by }), headers);
    }

    private static string? AllowedOrigin(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins.Single() : null;

    [Fact]
    public async Task A_form_of_the_same_site_is_accepted()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        using var post = await PostAsync(host, "/page", ("Origin", host.Address.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.OK, post.StatusCode);
    }

    [Fact]
    public async Task Too_many_requests_get_a_retry_time_and_other_clients_are_served_meanwhile()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { RequestsPerSecond = 5 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => host.SendAsync(HttpMethod.Get, "/page", Stranger)));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1)));
        var detail = await Problem.AssertAsync(refused[0], HttpStatusCode.TooManyRequests);
        Assert.Contains("5 requests per second", detail, StringComparison.Ordinal);
        Assert.Equal("hello ann", await TextAsync(await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key)));
        Assert.Equal("well", await TextAsync(await host.SendAsync(HttpMethod.Get, "/health/live")));
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { MaxRequestBytes = 2048 });

        using var fits = await host.SendAsync(HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent(new string('x', 2048)));
        using var large = await host.SendAsync(HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent(new string('x', 2049)));

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        await Problem.AssertAsync(large, HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/health/live")]
    [InlineData("/login")]
    public async Task Every_answer_has_security_headers(string path)
    {
        await using var host = await GuardedHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Get, path);

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    private static Task<HttpResponseMessage> PostAsync(GuardedHost host, string path, (string Name, string Value) header) =>
        host.SendAsync(HttpMethod.Post, path, content: new StringContent("x"), headers: header);
}
