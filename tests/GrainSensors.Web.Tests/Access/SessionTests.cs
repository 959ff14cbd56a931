using System.Net;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Sessions of browsers at one and at several silos.</summary>
[Trait("Category", "System")]
public sealed class SessionTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task The_cookie_is_a_random_token_of_which_the_store_has_only_the_hash()
    {
        await using var host = await StartAsync();

        var (one, two) = (await LogInAsync(host), await LogInAsync(host));

        Assert.NotEqual(one, two);
        var token = one.Split('=')[1];
        Assert.Matches("^[A-Za-z0-9_-]{43}$", token);
        Assert.NotNull(await Store.Store.Access.Sessions.FindAsync(Convert.ToHexStringLower(AccessKey.HashOf(token)), Stop));
        Assert.Null(await Store.Store.Access.Sessions.FindAsync(token, Stop));
        var stored = await Store.Store.Access.Sessions.ReadAsync(Stop);
        Assert.Equal(["ann", "ann"], stored.Select(session => session.Name));
        Assert.Equal("127.0.0.1", stored[0].Address);
    }

    [Fact]
    public async Task A_log_in_is_valid_at_every_silo_and_a_log_out_ends_it_at_every_silo_within_seconds()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var cookie = await LogInAsync(one);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(two, cookie));

        await LogInForms.LogOutAsync(one, cookie);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(one, cookie));
        Store.Clock.Advance(Sessions.ConfirmInterval);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(two, cookie));
    }

    [Fact]
    public async Task The_password_of_a_proxy_neither_ends_a_session_nor_stands_for_a_key()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        var basic = ("Authorization", $"Basic {Convert.ToBase64String("ann:of the proxy"u8)}");

        using var known = await host.SendAsync(HttpMethod.Get, "/page", headers: [("Cookie", cookie), basic]);
        using var unknown = await host.SendAsync(HttpMethod.Get, "/page", headers: basic);

        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
    }

    [Fact]
    public async Task Pages_in_short_succession_read_the_store_once()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        foreach (var session in await Store.Store.Access.Sessions.ReadAsync(Stop))
        {
            await Store.Store.Access.Sessions.EndAsync(session.Id, Stop);
        }

        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        Store.Clock.Advance(Sessions.ConfirmInterval);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task A_session_lasts_while_it_is_used_and_ends_12_hours_after_its_last_use()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        for (var hours = 0; hours < 33; hours += 11)
        {
            Store.Clock.Advance(TimeSpan.FromHours(11));
            Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        }

        Store.Clock.Advance(Sessions.Lifetime);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task A_session_ends_7_days_after_the_log_in_however_much_it_is_used()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        for (var time = TimeSpan.Zero; time < Sessions.Longest - TimeSpan.FromHours(8); time += TimeSpan.FromHours(8))
        {
            Store.Clock.Advance(TimeSpan.FromHours(8));
            Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        }

        Store.Clock.Advance(TimeSpan.FromHours(8));

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task Two_log_ins_are_two_sessions_and_a_log_in_over_a_session_replaces_it()
    {
        await using var host = await StartAsync();
        var logIns = await Task.WhenAll(LogInAsync(host), LogInAsync(host));

        var third = await LogInForms.LogInAsync(host, GuardedHost.Admin.Key, logIns[0]);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, logIns[0]));
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, logIns[1]));
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, third, "/admin"));
    }

    [Fact]
    public async Task A_session_follows_its_key_and_ends_when_the_key_is_taken_away()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        var keys = host.Services.GetRequiredService<AccessRules>().Keys;

        keys.Configure([AccessKey.From(GuardedHost.Reader.Options with { Role = AccessRole.Admin })]);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie, "/admin"));
        keys.Configure([AccessKey.From(GuardedHost.Reader.Options with { ExpiresAt = Store.Clock.GetUtcNow().AddMinutes(1) })]);
        Assert.Equal(HttpStatusCode.Forbidden, await LogInForms.OpenAsync(host, cookie, "/admin"));
        Store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
        keys.Configure([]);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task A_connection_of_a_page_ends_when_its_session_ends_in_another_tab()
    {
        await using var host = await StartAsync();
        var cookie = await LogInAsync(host);
        using var http = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.Add("Cookie", cookie);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var end = answer.Content.ReadAsStringAsync(Stop);
        Store.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(end.IsCompleted);

        await LogInForms.LogOutAsync(host, cookie);

        await Until.Async(
            () =>
            {
                Store.Clock.Advance(TimeSpan.FromSeconds(5));
                return end.IsCompleted;
            },
            () => "the connection is open",
            Deadline);
        await Assert.ThrowsAnyAsync<Exception>(() => end);
    }

    [Fact]
    public async Task Invented_tokens_reach_the_store_only_as_often_as_an_address_may_ask()
    {
        await using var host = await GuardedHost.StartAsync(options => options with { RequestsPerSecond = 1 }, Store);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            answers.Add(await LogInForms.OpenAsync(host, $"grainsensors_session={new string((char)('a' + i), 43)}"));
        }

        Assert.All(answers, status => Assert.True(status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, $"{status}"));
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(
            await GuardedHost.StartAsync(store: Store), "grainsensors_session=x"));
    }

    private Task<GuardedHost> StartAsync() => GuardedHost.StartAsync(store: Store);

    private static Task<string> LogInAsync(GuardedHost host) => LogInForms.LogInAsync(host, GuardedHost.Reader.Key);
}
