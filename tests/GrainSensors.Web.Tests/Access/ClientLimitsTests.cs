using System.Net;
using System.Net.Sockets;
using System.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Access;
using GrainSensors.Web.Tests.Api;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Limits before authentication, by address, and the proxies whose headers are believed.</summary>
[Trait("Category", "System")]
public sealed class ClientLimitsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::")]
    [InlineData("::1", "::")]
    public void An_address_of_IPv6_is_limited_as_its_network(string address, string limited) =>
        Assert.Equal(limited, ClientAddress.LimitedAs(IPAddress.Parse(address)).ToString());

    [Fact]
    public async Task Connections_of_an_address_beyond_the_limit_are_closed_and_closed_ones_make_room()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { MaxConnectionsPerAddress = 3, KnownProxies = "" });
        var open = new List<TcpClient>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await ConnectAsync(host));
            Assert.True(await IsServedAsync(open[i]), $"connection {i}");
        }

        Assert.False(await ServesAnotherAsync(host));
        open[0].Dispose();
        await Until.Async(() => ServesAnotherAsync(host), () => "no room after a connection was closed", Deadline);
        open.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task Known_proxies_have_no_limit_of_connections()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { MaxConnectionsPerAddress = 1 });
        using var first = await ConnectAsync(host);
        using var second = await ConnectAsync(host);

        Assert.True(await IsServedAsync(first));
        Assert.True(await IsServedAsync(second));
    }

    [Fact]
    public async Task Requests_at_once_beyond_the_limit_are_refused_and_other_clients_are_served()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { MaxRequestsAtOnce = 2 });
        using var http = new HttpClient { BaseAddress = host.Address };
        var waiting = await Task.WhenAll(Enumerable.Range(0, 2)
            .Select(_ => http.GetAsync("/wait", HttpCompletionOption.ResponseHeadersRead, Cancellation)));

        using var refused = await host.SendAsync(HttpMethod.Get, "/scheme");
        var detail = await Problem.AssertAsync(refused, HttpStatusCode.TooManyRequests);
        Assert.Contains("2 requests at once", detail, StringComparison.Ordinal);
        using var other = await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key);
        using var health = await host.SendAsync(HttpMethod.Get, "/health/live");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (other.StatusCode, health.StatusCode));

        Array.ForEach(waiting, answer => answer.Dispose());
        await Until.Async(
            async () =>
            {
                using var served = await host.SendAsync(HttpMethod.Get, "/scheme");
                return served.StatusCode == HttpStatusCode.OK;
            },
            () => "no request was served after those at once had ended",
            Deadline);
    }

    [Theory]
    [InlineData("127.0.0.0/8, ::1", "https")]
    [InlineData("127.0.0.1", "https")]
    [InlineData("192.0.2.0/24", "http")]
    [InlineData("", "http")]
    public async Task Only_headers_of_known_proxies_are_believed(string proxies, string scheme)
    {
        await using var host = await GuardedHost.StartAsync(options => options with { KnownProxies = proxies });

        using var answer = await host.SendAsync(HttpMethod.Get, "/scheme", headers: ("X-Forwarded-Proto", "https"));

        Assert.Equal(scheme, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Clients_behind_a_known_proxy_are_limited_one_by_one()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { RequestsPerSecond = 1 });
        async Task<HttpStatusCode> GetAsync(string client)
        {
            using var answer = await host.SendAsync(HttpMethod.Get, "/scheme", headers: ("X-Forwarded-For", client));
            return answer.StatusCode;
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync("203.0.113.1")));

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.OK, await GetAsync("203.0.113.2"));
    }

    [Fact]
    public void A_proxy_that_is_no_network_is_refused()
    {
        var result = new HttpOptionsValidator().Validate(null, new() { KnownProxies = "10.0.0.0/8, caddy" });

        Assert.Equal(
            "GrainSensors:Http:KnownProxies must be addresses or networks such as 10.0.0.0/8; got \"caddy\".", result.FailureMessage);
    }

    [Fact]
    public async Task A_person_gets_a_page_with_the_trace_id_for_an_internal_error()
    {
        await using var host = await GuardedHost.StartAsync();

        using var answer = await host.SendAsync(
            HttpMethod.Get, "/unexpected", GuardedHost.Reader.Key, headers: ("Accept", "text/html,application/xhtml+xml"));

        var html = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Matches("trace_id: <code>[0-9a-f]{32}</code>", html);
        Assert.DoesNotContain("a secret", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    /// <returns>False: a further connection is closed, which its client may notice while it connects.</returns>
    private static async Task<bool> ServesAnotherAsync(GuardedHost host)
    {
        try
        {
            using var another = await ConnectAsync(host);
            return await IsServedAsync(another);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<TcpClient> ConnectAsync(GuardedHost host)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, Cancellation);
        return client;
    }

    private static async Task<bool> IsServedAsync(TcpClient client)
    {
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancellation);
            return await stream.ReadAsync(new byte[1024], Cancellation) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
