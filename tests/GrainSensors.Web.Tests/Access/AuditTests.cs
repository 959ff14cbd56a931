using System.Net;
using System.Text.Json;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Tests.Access;

/// <summary>The entries of the audit log about access.</summary>
[Trait("Category", "System")]
public sealed class AuditTests : IAsyncLifetime
{
    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task A_log_in_and_a_log_out_have_an_entry_each_with_actor_and_address_and_without_secrets()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var cookie = await LogInForms.LogInAsync(host, GuardedHost.Reader.Key);
        await LogInForms.LogOutAsync(host, cookie);
        await LogInForms.LogOutAsync(host, cookie);

        var entries = await ReadAsync();

        Assert.Equal(
            [("log-out", "ann", "127.0.0.1"), ("log-in", "ann", "127.0.0.1")],
            entries.Select(entry => (entry.Action, entry.Actor, entry.Address)));
        var text = string.Join(' ', entries);
        Assert.DoesNotContain(cookie.Split('=')[1], text, StringComparison.Ordinal);
        Assert.DoesNotContain("gsk_", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_keys_have_an_entry_each_ten_seconds_and_address_and_the_next_one_counts_them()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        for (var i = 0; i < 5; i++)
        {
            using var refused = await host.SendAsync(HttpMethod.Get, "/page", "gsk_wrong");
            using var form = await LogInForms.EnterAsync(host, "gsk_wrong-too");
        }

        var first = Assert.Single(await ReadAsync());
        Assert.Equal(("log-in-failed", "/page", "127.0.0.1", null), (first.Action, first.Target, first.Address, first.Detail));
        Store.Clock.Advance(FailedLogIns.Interval);
        using var later = await host.SendAsync(HttpMethod.Get, "/page", "gsk_wrong");
        Assert.Equal("9 more since the last entry", (await ReadAsync())[0].Detail);
        Assert.DoesNotContain("gsk_", string.Join(' ', await ReadAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.9")]
    [InlineData("192.0.2.0/24", "127.0.0.1")]
    public async Task An_address_is_taken_from_known_proxies_only(string proxies, string address)
    {
        await using var host = await GuardedHost.StartAsync(options => options with { KnownProxies = proxies }, Store);
        using var refused = await host.SendAsync(HttpMethod.Get, "/page", "gsk_wrong", headers: ("X-Forwarded-For", "203.0.113.9"));

        Assert.Equal(address, Assert.Single(await ReadAsync()).Address);
    }

    [Fact]
    public async Task Administrators_read_the_audit_log_by_page_and_end_sessions()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var cookie = await LogInForms.LogInAsync(host, GuardedHost.Reader.Key);
        await LogInForms.LogInAsync(host, GuardedHost.Admin.Key);

        var sessions = await JsonAsync(host, HttpMethod.Get, "/api/v1/sessions");
        Assert.Equal(["ann", "bob"], sessions.EnumerateArray().Select(session => session.GetProperty("name").GetString()));
        var id = sessions[0].GetProperty("session_id").GetString();
        using var ended = await host.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{id}", GuardedHost.Admin.Key);
        using var again = await host.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{id}", GuardedHost.Admin.Key);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (ended.StatusCode, again.StatusCode));
        Store.Clock.Advance(Hosting.Access.Sessions.ConfirmInterval);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));

        var page = await JsonAsync(host, HttpMethod.Get, "/api/v1/audit?limit=2");
        var (items, next) = (page.GetProperty("items"), page.GetProperty("next").GetString());
        Assert.Equal(("session-end", "bob", id), Of(items[0]));
        var rest = await JsonAsync(host, HttpMethod.Get, $"/api/v1/audit?limit=2&cursor={next}");
        Assert.Equal(("log-in", "ann", ""), Of(rest.GetProperty("items")[0]));
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        foreach (var path in new[] { "/api/v1/audit", "/api/v1/sessions" })
        {
            using var refused = await host.SendAsync(HttpMethod.Get, path, GuardedHost.Reader.Key);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using var invalid = await host.SendAsync(HttpMethod.Get, "/api/v1/audit?cursor=x", GuardedHost.Admin.Key);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
    }

    private static (string? Action, string? Actor, string? Target) Of(JsonElement entry) => (
        entry.GetProperty("action").GetString(), entry.GetProperty("actor").GetString(), entry.GetProperty("target").GetString());

    private static async Task<JsonElement> JsonAsync(GuardedHost host, HttpMethod method, string path)
    {
        using var answer = await host.SendAsync(method, path, GuardedHost.Admin.Key);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private Task<IReadOnlyList<AuditEntry>> ReadAsync() => Store.Store.Access.Audit.QueryAsync(new(), Stop);
}
