using System.Net;
using GrainSensors.Hosting.Access;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Sessions while the clock of the machine steps. The monotonic clock of a silo does not.</summary>
[Trait("Category", "System")]
public sealed class SessionClockTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task A_clock_that_is_set_back_prolongs_no_session_that_is_not_used()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var cookie = await LogInAsync(host);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        Store.Clock.Advance(11 * Hour);
        Store.Clock.Step(-Hour);
        Store.Clock.Advance(Hour);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));

        // Another silo does not honour it either.
        await using var other = await GuardedHost.StartAsync(store: Store);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(other, cookie));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_ends_no_session_in_use_and_the_next_use_counts_from_then_on()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var cookie = await LogInAsync(host);
        Store.Clock.Step(-24 * Hour);
        for (var hours = 0; hours < 33; hours += 11)
        {
            Store.Clock.Advance(11 * Hour);
            Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        }

        // A silo that has never seen the session judges by the store alone.
        Store.Clock.Advance(Sessions.Lifetime);
        await using var other = await GuardedHost.StartAsync(store: Store);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(other, cookie));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_prolong_the_7_days_of_a_session()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var cookie = await LogInAsync(host);
        Store.Clock.Step(-24 * Hour);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        for (var time = TimeSpan.Zero; time < Sessions.Longest - (8 * Hour); time += 8 * Hour)
        {
            Store.Clock.Advance(8 * Hour);
            Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, cookie));
        }

        Store.Clock.Advance(8 * Hour);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, cookie));
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_by_a_day_ends_sessions_and_new_ones_outlive_its_correction_by_nothing()
    {
        await using var host = await GuardedHost.StartAsync(store: Store);
        var before = await LogInAsync(host);
        Store.Clock.Step(24 * Hour);
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, before));

        var ahead = await LogInAsync(host);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, ahead));
        Store.Clock.Step(-24 * Hour);
        Store.Clock.Advance(Sessions.ConfirmInterval);
        Assert.Equal(HttpStatusCode.OK, await LogInForms.OpenAsync(host, ahead));
        Store.Clock.Advance(Sessions.Lifetime);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogInForms.OpenAsync(host, ahead));
    }

    private static Task<string> LogInAsync(GuardedHost host) => LogInForms.LogInAsync(host, GuardedHost.Reader.Key);
}
