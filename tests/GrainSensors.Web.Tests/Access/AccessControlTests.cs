using System.Net;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Who gets in, and what with.</summary>
[Trait("Category", "System")]
public sealed class AccessControlTests
{
    private static readonly string Stranger = GuardedHost.Make("eve", "admin").Key;

    [Theory]
    [InlineData("GET", "/page")]
    [InlineData("POST", "/page")]
    [InlineData("GET", "/admin")]
    [InlineData("GET", "/nothing-is-here")]
    [InlineData("DELETE", "/nothing-is-here")]
    public async Task Nobody_without_a_key_gets_anything_but_health(string method, string path)
    {
        await using var host = await GuardedHost.StartAsync();

        using var refused = await host.SendAsync(new(method), path);
        using var health = await host.SendAsync(HttpMethod.Get, "/health/live");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Contains("X-Api-Key", await DetailAsync(refused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task A_wrong_key_is_told_from_none_and_not_repeated()
    {
        await using var host = await GuardedHost.StartAsync();
        foreach (var wrong in new[] { Stranger, "x", GuardedHost.Admin.Key[..^1], GuardedHost.Admin.Key + "x", GuardedHost.Admin.Options.Hash, new string('k', 5000) })
        {
            using var refused = await host.SendAsync(HttpMethod.Get, "/page", wrong);

            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("The key is none that this silo knows.", await DetailAsync(refused));
        }
    }

    [Fact]
    public async Task A_reader_reads_and_does_not_write()
    {
        await using var host = await GuardedHost.StartAsync();

        Assert.Equal("hello ann", await TextAsync(await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key)));
        Assert.Equal("connected", await TextAsync(await host.SendAsync(HttpMethod.Post, "/_blazor/negotiate", GuardedHost.Reader.Key)));
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/page"), (HttpMethod.Get, "/admin"), (HttpMethod.Put, "/nothing-is-here") })
        {
            using var refused = await host.SendAsync(method, path, GuardedHost.Reader.Key);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("\"ann\" may read only", await DetailAsync(refused), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_admin_does_everything_by_either_header()
    {
        await using var host = await GuardedHost.StartAsync();

        Assert.Equal("5", await TextAsync(await host.SendAsync(HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent("12345"))));
        Assert.Equal("secret", await TextAsync(await host.SendAsync(HttpMethod.Get, "/admin", headers: ("X-Api-Key", GuardedHost.Admin.Key))));
        using var missing = await host.SendAsync(HttpMethod.Get, "/nothing-is-here", GuardedHost.Admin.Key);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Without_keys_everybody_who_asks_for_loopback_gets_everything()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        Assert.Equal("secret", await TextAsync(await host.SendAsync(HttpMethod.Get, "/admin")));
        Assert.Equal("3", await TextAsync(await host.SendAsync(HttpMethod.Post, "/page", content: new StringContent("123"))));
        foreach (var name in new[] { "localhost:8080", "127.0.0.1", "[::1]:1" })
        {
            using var answer = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Host", name));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // A page of theirs whose name they have made to point here.
        using var rebound = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Host", "evil.example:8080"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, rebound.StatusCode);
        Assert.Contains("grainsensors key", await DetailAsync(rebound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Insecure_is_open_under_every_name()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions { Insecure = true, Address = "0.0.0.0" });

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
    public async Task What_another_site_makes_a_browser_send_changes_nothing(string header, string value, bool isOurs)
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        using var post = await host.SendAsync(HttpMethod.Post, "/page", content: new StringContent("x"), headers: (header, value));
        using var connection = await host.SendAsync(HttpMethod.Post, "/_blazor/negotiate", content: new StringContent("x"), headers: (header, value));
        using var socket = await host.SendAsync(HttpMethod.Get, "/page", headers: [(header, value), ("Connection", "Upgrade"), ("Upgrade", "websocket")]);
        using var get = await host.SendAsync(HttpMethod.Get, "/page", headers: (header, value));

        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.Forbidden, post.StatusCode);
        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.Forbidden, connection.StatusCode);
        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.Forbidden, socket.StatusCode);
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
    }

    [Fact]
    public async Task A_form_of_the_same_site_is_ours()
    {
        await using var host = await GuardedHost.StartAsync(new Hosting.Configuration.HttpOptions());

        using var post = await host.SendAsync(HttpMethod.Post, "/page", content: new StringContent("x"), headers: ("Origin", host.Address.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.OK, post.StatusCode);
    }

    [Fact]
    public async Task Too_many_requests_are_told_when_to_come_again_and_others_are_served_meanwhile()
    {
        await using var host = await GuardedHost.StartAsync(options => options.RequestsPerSecond = 5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => host.SendAsync(HttpMethod.Get, "/page", Stranger)));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1)));
        Assert.Contains("5 requests a second", await DetailAsync(refused[0]), StringComparison.Ordinal);
        Assert.Equal("hello ann", await TextAsync(await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key)));
        Assert.Equal("well", await TextAsync(await host.SendAsync(HttpMethod.Get, "/health/live")));
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused()
    {
        await using var host = await GuardedHost.StartAsync(options => options.MaxRequestBytes = 2048);

        using var fits = await host.SendAsync(HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent(new string('x', 2048)));
        using var large = await host.SendAsync(HttpMethod.Post, "/page", GuardedHost.Admin.Key, new StringContent(new string('x', 2049)));

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/health/live")]
    [InlineData("/login")]
    public async Task Every_answer_tells_browsers_to_be_careful(string path)
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

    private static async Task<string> DetailAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((int)answer.StatusCode, json.RootElement.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(json.RootElement.GetProperty("title").GetString()));
        return json.RootElement.GetProperty("detail").GetString()!;
    }
}
