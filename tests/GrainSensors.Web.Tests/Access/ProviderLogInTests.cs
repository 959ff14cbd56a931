using System.Net;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Log-in at an identity provider.</summary>
[Trait("Category", "System")]
public sealed class ProviderLogInTests : IAsyncLifetime
{
    private GuardedStore? _store;
    private IdentityProvider? _provider;

    private GuardedStore Store => _store!;

    private IdentityProvider Provider => _provider!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        (_store, _provider) = (await GuardedStore.CreateAsync(), await IdentityProvider.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await Provider.DisposeAsync();
        await Store.DisposeAsync();
    }

    [Theory]
    [InlineData("staff", HttpStatusCode.Forbidden)]
    [InlineData("staff,chiefs", HttpStatusCode.OK)]
    public async Task A_user_logs_in_with_the_role_of_the_claim_and_gets_a_session(string roles, HttpStatusCode admin)
    {
        Provider.Roles = roles.Split(',');
        await using var host = await StartAsync();

        var (answer, cookie) = await LogInAsync(host, "/page?x=1");

        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("url=/page?x=1", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using var page = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Cookie", cookie!));
        Assert.Equal("hello oidc:ann", await page.Content.ReadAsStringAsync(Stop));
        Assert.Equal(admin, await LogInForms.OpenAsync(host, cookie!, "/admin"));
        Assert.Equal("oidc:ann", Assert.Single(await Store.Store.Access.Audit.QueryAsync(new(Action: "log-in"), Stop)).Actor);
        await LogInForms.LogOutAsync(host, cookie!);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie!));
    }

    [Theory]
    [InlineData("guests", false)]
    [InlineData("staff", true)]
    public async Task A_user_without_a_role_or_who_refuses_gets_no_session(string role, bool isRefused)
    {
        (Provider.Roles, Provider.IsRefused) = ([role], isRefused);
        await using var host = await StartAsync();

        var (answer, cookie) = await LogInAsync(host, "/page");

        using (answer)
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        Assert.Null(cookie);
        Assert.Empty(await Store.Store.Access.Sessions.ReadAsync(Stop));
        Assert.Single(await Store.Store.Access.Audit.QueryAsync(new(Action: "log-in-failed"), Stop));
    }

    [Fact]
    public async Task The_log_in_may_end_at_another_silo_than_it_began()
    {
        Provider.Roles = ["staff"];
        await using var one = await StartAsync();
        await using var two = await StartAsync();

        var (answer, cookie) = await LogInAsync(one, "/page", two);

        answer.Dispose();
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(one, cookie!));
    }

    [Fact]
    public async Task Below_the_prefix_of_a_proxy_the_provider_sends_the_user_back_to_the_prefix()
    {
        Provider.Roles = ["staff"];
        await using var host = await StartAsync("/plant");

        var (answer, cookie) = await LogInAsync(host, "/plant/page?x=1", prefix: "/plant");

        using (answer)
        {
            Assert.Contains("url=/plant/page?x=1", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        Assert.StartsWith("grainsensors_session_plant=", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie!, "/plant/page"));
    }

    [Fact]
    public async Task A_silo_with_a_provider_and_without_keys_is_closed_and_offers_the_provider()
    {
        await using var host = await StartAsync();

        using var refused = await host.SendAsync(HttpMethod.Get, "/page");
        using var form = await host.SendAsync(HttpMethod.Get, "/login?return=/page", headers: LogInForms.Browser);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("href=\"login/provider?return=%2Fpage\"", await form.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.example", "x", "staff", "Authority must start with https://")]
    [InlineData("https://login.example", "", "staff", "requires GrainSensors:Http:Oidc:ClientId")]
    [InlineData("https://login.example", "x", " , ", "no user has access")]
    public void Options_that_cannot_work_are_refused(string authority, string client, string values, string message)
    {
        var options = new OidcOptions { Authority = new(authority), ClientId = client, ReadValues = values };

        var result = new OidcOptionsValidator().Validate(null, options);

        Assert.Contains(message, result.FailureMessage, StringComparison.Ordinal);
    }

    private Task<GuardedHost> StartAsync(string prefix = "") => GuardedHost.StartAsync(
        new HttpOptions
        {
            PathBase = prefix,
            Oidc = new()
            {
                Authority = Provider.Address,
                ClientId = IdentityProvider.ClientId,
                ClientSecret = IdentityProvider.Secret,
                AdminValues = "chiefs",
                ReadValues = "staff, visitors",
            },
        },
        Store);

    /// <returns>The last answer of the log-in, and the cookie of the session if there is one.</returns>
    private static async Task<(HttpResponseMessage Answer, string? Cookie)> LogInAsync(
        GuardedHost host, string target, GuardedHost? receiver = null, string prefix = "")
    {
        using var sent = await host.SendAsync(HttpMethod.Get, $"{prefix}/login/provider?return={Uri.EscapeDataString(target)}");
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        var cookies = string.Join("; ", LogInForms.Cookies(sent).Select(cookie => cookie.Split(';')[0]));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var agreed = await http.GetAsync(sent.Headers.Location, Stop);
        Assert.Equal(HttpStatusCode.Redirect, agreed.StatusCode);

        // A balancer may send the browser to another silo, which has the same name for the browser.
        var path = agreed.Headers.Location!.PathAndQuery;
        Assert.StartsWith($"{prefix}/signin-oidc?", path, StringComparison.Ordinal);
        var answer = await (receiver ?? host).SendAsync(
            HttpMethod.Get, path, headers: [("Cookie", cookies), ("Host", host.Address.Authority)]);
        var session = LogInForms.Cookies(answer).FirstOrDefault(set => set.StartsWith("grainsensors_session", StringComparison.Ordinal));
        return (answer, session?.Split(';')[0]);
    }
}
