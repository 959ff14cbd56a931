using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Sessions while the store is unavailable.</summary>
public sealed class SessionOutageTests : IAsyncLifetime
{
    private static readonly NewSession Ann = new(Guid.NewGuid(), "ann", IsAdmin: false, KeyHash: null, "192.0.2.7");

    private GuardedStore? _store;
    private Sessions? _sessions;
    private FailingStore? _failing;
    private SteppedClock? _clock;

    private GuardedStore Store => _store!;

    private Sessions Sessions => _sessions!;

    private FailingStore Failing => _failing!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await GuardedStore.CreateAsync();
        _clock = new(Store.Clock);
        _failing = new(Store.Store.Access.Sessions);
        _sessions = new(_failing, new AccessKeys([]), _clock);
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    [Fact]
    public async Task A_silo_honours_a_session_that_it_knows_for_15_minutes()
    {
        var token = await Sessions.StartAsync(Ann, Stop);
        Assert.NotNull(await Sessions.FindAsync(token, Stop));
        Failing.IsUnavailable = true;

        Store.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.NotNull(await Sessions.FindAsync(token, Stop));
        Store.Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Sessions.FindAsync(token, Stop));
        Failing.IsUnavailable = false;
        Store.Clock.Advance(Sessions.ConfirmInterval);
        Assert.NotNull(await Sessions.FindAsync(token, Stop));
    }

    [Fact]
    public async Task A_session_that_the_silo_does_not_know_is_neither_granted_nor_ended()
    {
        var token = await Sessions.StartAsync(Ann, Stop);
        Failing.IsUnavailable = true;
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Sessions.FindAsync(token, Stop));
        Failing.IsUnavailable = false;
        Store.Clock.Advance(Sessions.ConfirmInterval);
        Assert.NotNull(await Sessions.FindAsync(token, Stop));
    }

    [Fact]
    public async Task Requests_during_an_outage_do_not_all_ask_the_store()
    {
        var token = await Sessions.StartAsync(Ann, Stop);
        await Sessions.FindAsync(token, Stop);
        Failing.IsUnavailable = true;
        Store.Clock.Advance(Sessions.ConfirmInterval);
        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(await Sessions.FindAsync(token, Stop));
        }

        Assert.Equal(1, Failing.Refused);
    }

    [Fact]
    public async Task A_log_out_during_an_outage_ends_the_session_here_at_once_and_at_the_store_afterwards()
    {
        var token = await Sessions.StartAsync(Ann, Stop);
        await Sessions.FindAsync(token, Stop);
        Failing.IsUnavailable = true;

        Assert.Equal("ann", (await Sessions.EndAsync(token, Stop))?.Name);

        Assert.Null(await FindOrNullAsync(token));
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Sessions.WriteEndsAsync(Stop));
        Failing.IsUnavailable = false;
        await Sessions.WriteEndsAsync(Stop);
        Assert.Empty(await Store.Store.Access.Sessions.ReadAsync(Stop));
    }

    [Fact]
    public async Task A_step_of_the_wall_clock_during_an_outage_does_not_prolong_a_session()
    {
        var token = await Sessions.StartAsync(Ann, Stop);
        await Sessions.FindAsync(token, Stop);
        Failing.IsUnavailable = true;
        Store.Clock.Advance(TimeSpan.FromMinutes(16));
        _clock!.Step = TimeSpan.FromHours(-3);
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Sessions.FindAsync(token, Stop));
    }

    private async Task<Session?> FindOrNullAsync(string token)
    {
        try
        {
            return await Sessions.FindAsync(token, Stop);
        }
        catch (WindowStoreUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Steps the wall clock; the monotonic clock goes on.</summary>
    private sealed class SteppedClock(TimeProvider clock) : TimeProvider
    {
        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Step;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class FailingStore(ISessionStore store) : ISessionStore
    {
        public bool IsUnavailable { get; set; }

        public int Refused { get; private set; }

        private ISessionStore Inner
        {
            get
            {
                if (IsUnavailable)
                {
                    Refused++;
                    throw new WindowStoreUnavailableException("the store is away.");
                }

                return store;
            }
        }

        public async Task AddAsync(string tokenHash, NewSession session, TimeSpan lifetime, CancellationToken cancellationToken) =>
            await Inner.AddAsync(tokenHash, session, lifetime, cancellationToken);

        public async Task<Session?> FindAsync(string tokenHash, CancellationToken cancellationToken) =>
            await Inner.FindAsync(tokenHash, cancellationToken);

        public async Task ExtendAsync(string tokenHash, TimeSpan lifetime, TimeSpan longest, CancellationToken cancellationToken) =>
            await Inner.ExtendAsync(tokenHash, lifetime, longest, cancellationToken);

        public async Task<Session?> EndAsync(string tokenHash, CancellationToken cancellationToken) =>
            await Inner.EndAsync(tokenHash, cancellationToken);

        public async Task<Session?> EndAsync(Guid id, CancellationToken cancellationToken) => await Inner.EndAsync(id, cancellationToken);

        public async Task<int> EndOfKeyAsync(string keyHash, CancellationToken cancellationToken) =>
            await Inner.EndOfKeyAsync(keyHash, cancellationToken);

        public async Task<IReadOnlyList<Session>> ReadAsync(CancellationToken cancellationToken) =>
            await Inner.ReadAsync(cancellationToken);

        public async Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) =>
            await Inner.RemoveExpiredAsync(cancellationToken);
    }
}
