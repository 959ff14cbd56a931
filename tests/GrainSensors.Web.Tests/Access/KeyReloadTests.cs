using System.Net;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Access keys that change while a silo runs.</summary>
[Trait("Category", "System")]
public sealed class KeyReloadTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _folder = new();
    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    private string FilePath => _folder.File("appsettings.json");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_key_taken_out_of_the_file_is_refused_and_its_sessions_end_and_a_new_one_is_accepted()
    {
        var eve = GuardedHost.Make("eve", AccessRole.Read);
        Write(GuardedHost.Reader.Options, GuardedHost.Admin.Options);
        await using var host = await StartAsync();
        var cookie = await LogInForms.LogInAsync(host, GuardedHost.Reader.Key);

        Write(GuardedHost.Admin.Options, eve.Options);

        await UntilAsync(host, eve.Key, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(host, GuardedHost.Reader.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, GuardedHost.Admin.Key));
        await Until.Async(
            async () => (await Store.Store.Access.Sessions.ReadAsync(Stop)).Count == 0, () => "the session is in the store", Deadline);
        var entries = await Store.Store.Access.Audit.QueryAsync(new(Actor: "configuration"), Stop);
        Assert.Equal([("key-revoke", "ann"), ("key-add", "eve")], entries.Select(entry => (entry.Action, entry.Target)));
    }

    [Theory]
    [InlineData("{ \"GrainSensors\": ")]
    [InlineData("{ \"GrainSensors\": { \"Http\": { \"Keys\": [ { \"Name\": \"eve\", \"Hash\": \"gsk_a-key\" } ] } } }")]
    public async Task A_file_that_is_not_valid_leaves_the_keys_as_they_are(string text)
    {
        Write(GuardedHost.Reader.Options);
        await using var host = await StartAsync();
        await UntilAsync(host, GuardedHost.Reader.Key, HttpStatusCode.OK);

        await File.WriteAllTextAsync(FilePath, text, Stop);
        await PassAsync(host);

        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, GuardedHost.Reader.Key));
    }

    [Fact]
    public async Task One_hash_for_a_read_key_and_an_admin_key_is_refused_at_a_reload()
    {
        Write(GuardedHost.Reader.Options);
        await using var host = await StartAsync();

        Write(GuardedHost.Reader.Options, GuardedHost.Reader.Options with { Name = "boss", Role = AccessRole.Admin });
        await PassAsync(host);

        using var answer = await host.SendAsync(HttpMethod.Get, "/admin", GuardedHost.Reader.Key);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var refusal = Assert.Throws<UsageException>(() => PipelineConfiguration.From(Source()));
        Assert.Contains("\"ann\" and \"boss\" have the same", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_whose_last_key_is_taken_away_stays_closed()
    {
        Write(GuardedHost.Reader.Options);
        await using var host = await StartAsync();

        Write();

        await UntilAsync(host, GuardedHost.Reader.Key, HttpStatusCode.Unauthorized);
        using var answer = await host.SendAsync(HttpMethod.Get, "/page");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_of_the_store_is_accepted_and_its_removal_ends_it_with_its_sessions()
    {
        Write(GuardedHost.Admin.Options);
        await using var host = await StartAsync();
        var eve = GuardedHost.Make("eve", AccessRole.Read);
        await AddAsync(eve.Options);
        await UntilAsync(host, eve.Key, HttpStatusCode.OK);
        var cookie = await LogInForms.LogInAsync(host, eve.Key);

        await Store.Store.Access.Keys.RemoveAsync("eve", Stop);

        await UntilAsync(host, eve.Key, HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task The_first_key_of_the_store_closes_a_silo_that_had_none()
    {
        Write();
        await using var host = await StartAsync();
        using var open = await host.SendAsync(HttpMethod.Get, "/admin");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);

        await AddAsync(GuardedHost.Reader.Options);

        await UntilAsync(host, null, HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, GuardedHost.Reader.Key));
    }

    [Fact]
    public async Task A_key_that_store_and_configuration_both_have_is_refused_at_the_start()
    {
        await AddAsync(GuardedHost.Reader.Options);
        var rules = new AccessRules(new() { Keys = [GuardedHost.Reader.Options with { Name = "boss", Role = AccessRole.Admin }] });

        var refusal = await Assert.ThrowsAsync<UsageException>(() => StoredKeys.LoadAsync(rules, Store.Store, Stop));

        Assert.Contains("\"ann\"", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["boss"], rules.Keys.All.Select(key => key.Name));
    }

    [Fact]
    public async Task An_expired_key_is_refused_with_its_time()
    {
        Write(GuardedHost.Reader.Options with { ExpiresAt = Store.Clock.GetUtcNow().AddHours(1) });
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, GuardedHost.Reader.Key));

        Store.Clock.Advance(TimeSpan.FromHours(1));

        using var answer = await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Reader.Key);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("\\\"ann\\\" expired at", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private Task<GuardedHost> StartAsync()
    {
        var source = Source();
        var http = PipelineConfiguration.From(source).Options.Http;
        return GuardedHost.StartAsync(http with { RequestsPerSecond = 100_000 }, Store, source);
    }

    private IConfigurationRoot Source() => new ConfigurationBuilder().AddJsonFile(FilePath).Build();

    private void Write(params KeyOptions[] keys) => File.WriteAllText(FilePath, System.Text.Json.JsonSerializer.Serialize(new
    {
        GrainSensors = new
        {
            Http = new
            {
                Keys = keys.Select(key => new { key.Name, key.Hash, Role = $"{key.Role}", ExpiresAt = key.ExpiresAt?.ToString("O") ?? "" }),
            },
        },
    }));

    private Task<bool> AddAsync(KeyOptions key)
    {
        var stored = AccessKey.From(key);
        return Store.Store.Access.Keys.AddAsync(
            new StoredKey(stored.Name, stored.HashHex, stored.Role == AccessRole.Admin, 0, "root", null), Stop);
    }

    /// <summary>Waits until the silo has read its configuration and after it the store, which has a new key.</summary>
    private async Task PassAsync(GuardedHost host)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            var probe = GuardedHost.Make($"probe-{pass}", AccessRole.Read);
            await AddAsync(probe.Options);
            await UntilAsync(host, probe.Key, HttpStatusCode.OK);
        }
    }

    private async Task UntilAsync(GuardedHost host, string? key, HttpStatusCode status)
    {
        var seen = HttpStatusCode.OK;
        await Until.Async(
            async () =>
            {
                Store.Clock.Advance(AccessRefresh.Interval);
                return (seen = await OpenAsync(host, key)) == status;
            },
            () => $"got {seen}",
            Deadline);
    }

    private static async Task<HttpStatusCode> OpenAsync(GuardedHost host, string? key)
    {
        using var answer = await host.SendAsync(HttpMethod.Get, "/page", key);
        return answer.StatusCode;
    }
}
