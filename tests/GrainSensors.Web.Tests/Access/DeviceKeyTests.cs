using System.Net;
using System.Text;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Device keys of the store, by the clock of the silo.</summary>
[Trait("Category", "System")]
public sealed class DeviceKeyTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly KeyScope Kitchen = new(KeyScopeKind.Device, "kitchen-1");

    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task A_new_key_is_accepted_and_a_revoked_one_refused_within_the_interval_on_every_silo()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var (key, stored) = ServerKeys.MakeDevice("kitchen-1", Kitchen);
        await UntilAsync(first, key, HttpStatusCode.Unauthorized);
        await UntilAsync(second, key, HttpStatusCode.Unauthorized);

        await Store.Store.Access.DeviceKeys.AddAsync(stored, Stop);
        await UntilAsync(first, key, HttpStatusCode.OK);
        await UntilAsync(second, key, HttpStatusCode.OK);

        await Store.Store.Access.DeviceKeys.RemoveAsync("kitchen-1", Stop);
        await UntilAsync(first, key, HttpStatusCode.Unauthorized);
        await UntilAsync(second, key, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_expires_by_the_clock()
    {
        await using var host = await StartAsync();
        var (key, stored) = ServerKeys.MakeDevice("kitchen-1", Kitchen);
        var end = Store.Clock.GetUtcNow().AddHours(1);
        await Store.Store.Access.DeviceKeys.AddAsync(stored with { ExpiresAt = end.ToUnixTimeMilliseconds() * 1000 }, Stop);
        await UntilAsync(host, key, HttpStatusCode.OK);

        Store.Clock.Advance(TimeSpan.FromHours(1));

        using var answer = await SendAsync(host, key);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("kitchen-1\\\" expired at", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_logs_in_with_a_device_key()
    {
        await using var host = await StartAsync();
        var (key, stored) = ServerKeys.MakeDevice("kitchen-1", Kitchen);
        await Store.Store.Access.DeviceKeys.AddAsync(stored, Stop);
        await UntilAsync(host, key, HttpStatusCode.OK);

        using var answer = await LogInForms.EnterAsync(host, key);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await Store.Store.Access.Sessions.ReadAsync(Stop));
        using var page = await host.SendAsync(HttpMethod.Get, "/page", key);
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains("may only send readings", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_is_told_to_send_again_while_the_keys_are_not_known_and_an_access_key_is_judged_all_the_same()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var (known, keys) = (host.Services.GetRequiredService<AccessRules>().DeviceKeys, Store.Store.Access.DeviceKeys);
        var (key, stored) = ServerKeys.MakeDevice("kitchen-1", Kitchen);
        await keys.AddAsync(stored, Stop);
        await known.ReadAsync(keys, Stop);
        using var good = await SendAsync(host, key);
        Assert.Equal("device kitchen-1", await good.Content.ReadAsStringAsync(Stop));

        // As after a store that did not answer for a quarter of an hour.
        known.Forget();

        using var unknown = await SendAsync(host, key);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        Assert.NotNull(unknown.Headers.RetryAfter?.Delta);
        using var page = await host.SendAsync(HttpMethod.Get, "/page", GuardedHost.Admin.Key);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        await known.ReadAsync(keys, Stop);
        using var again = await SendAsync(host, key);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task An_access_key_of_the_configuration_may_look_like_a_device_key()
    {
        const string Odd = "gsd_chosen-by-hand";
        var options = new HttpOptions { Keys = [new() { Name = "odd", Role = AccessRole.Admin, Hash = AccessKey.HashText(Odd) }] };
        await using var host = await GuardedHost.StartAsync(options, Store);

        using var page = await host.SendAsync(HttpMethod.Get, "/admin", Odd);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task No_request_reads_the_store_for_a_key()
    {
        var counting = new CountingStore(Store.Store.Access.DeviceKeys);
        using var authenticator = Authenticator(counting, out var rules);
        await rules.DeviceKeys.ReadAsync(counting, Stop);
        var (key, stored) = ServerKeys.MakeDevice("kitchen-1", Kitchen);
        await counting.AddAsync(stored, Stop);
        await rules.DeviceKeys.ReadAsync(counting, Stop);
        var reads = counting.Reads;

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("kitchen-1", (await DecideAsync(authenticator, key)).Device?.Name);
            Assert.Equal("Invalid device key.", (await DecideAsync(authenticator, AccessKey.GenerateForDevice())).Failure);
        }

        Assert.Equal(2, reads);
        Assert.Equal(reads, counting.Reads);
    }

    private Authenticator Authenticator(IDeviceKeyStore keys, out AccessRules rules)
    {
        rules = new AccessRules(new() { Keys = [GuardedHost.Admin.Options] });
        return new(rules, new(Store.Store.Access.Sessions, rules.Keys, Store.Clock), Store.Clock);
    }

    private static Task<AccessDecision> DecideAsync(Authenticator authenticator, string key)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {key}";
        return authenticator.DecideAsync(context, Stop);
    }

    /// <summary>A host that reads its keys again.</summary>
    private Task<GuardedHost> StartAsync() => GuardedHost.StartAsync(
        new HttpOptions { Keys = [GuardedHost.Reader.Options, GuardedHost.Admin.Options], RequestsPerSecond = 100_000 }, Store,
        new ConfigurationBuilder().AddInMemoryCollection(Keys()).Build());

    private static Dictionary<string, string?> Keys()
    {
        var keys = new Dictionary<string, string?>();
        foreach (var (i, options) in new[] { GuardedHost.Reader.Options, GuardedHost.Admin.Options }.Index())
        {
            keys[$"GrainSensors:Http:Keys:{i}:Name"] = options.Name;
            keys[$"GrainSensors:Http:Keys:{i}:Role"] = $"{options.Role}";
            keys[$"GrainSensors:Http:Keys:{i}:Hash"] = options.Hash;
        }

        return keys;
    }

    /// <summary>Waits for the next time at which a silo reads its keys.</summary>
    private async Task UntilAsync(GuardedHost host, string key, HttpStatusCode status)
    {
        var seen = HttpStatusCode.OK;
        await Until.Async(
            async () =>
            {
                using var answer = await SendAsync(host, key);
                seen = answer.StatusCode;
                if (seen != status)
                {
                    Store.Clock.Advance(AccessRefresh.Interval);
                }

                return seen == status;
            },
            () => $"got {seen}",
            Deadline);
    }

    private static async Task<HttpResponseMessage> SendAsync(GuardedHost host, string key)
    {
        using var content = new StringContent("", Encoding.UTF8, "application/json");
        return await host.SendAsync(HttpMethod.Post, "/send", key, content);
    }

    private sealed class CountingStore(IDeviceKeyStore inner) : IDeviceKeyStore
    {
        public int Reads { get; private set; }

        public Task<bool> AddAsync(StoredDeviceKey key, CancellationToken cancellationToken) => inner.AddAsync(key, cancellationToken);

        public Task<DeviceKeyTable?> ReadAsync(Guid? known, CancellationToken cancellationToken)
        {
            Reads++;
            return inner.ReadAsync(known, cancellationToken);
        }

        public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => inner.RemoveAsync(name, cancellationToken);
    }
}
