using GrainSensors.Storage.Idempotency;

namespace GrainSensors.Storage.Tests.Idempotency;

/// <summary>The contract of the table of idempotency keys, tested on each database.</summary>
public abstract class IdempotencyKeyTests : IAsyncLifetime
{
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);
    private static readonly ClaimKey Key = new("access/ann", "order 1");
    private static readonly Claim First = new("aa", "grainsensors-ingest-1", new(3, 42));
    private static readonly Guid One = Guid.NewGuid();
    private static readonly Guid Two = Guid.NewGuid();
    private IStore? _store;

    private protected SteppingClock Clock { get; } = new(DateTimeOffset.UtcNow);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IIdempotencyKeys Keys => _store!.IdempotencyKeys;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_claim_is_found_as_it_was_made_and_is_held()
    {
        Assert.Null(await Keys.FindAsync(Key, Stop));

        Assert.True(await Keys.AddAsync(Key, One, First, Hold, Stop));

        var found = await Keys.FindAsync(Key, Stop);
        Assert.Equal((First, One, null), (found!.Claim, found.Token, found.Answer));
        Assert.InRange(found.HeldFor, TimeSpan.FromSeconds(1), Hold);
        Assert.Null(await Keys.FindAsync(Key with { Caller = "access/bob" }, Stop));
        Assert.Null(await Keys.FindAsync(Key with { Key = "order 2" }, Stop));
    }

    [Fact]
    public async Task A_claim_without_transactions_is_found_as_it_was_made()
    {
        var claim = new Claim("aa", null, default);
        await Keys.AddAsync(Key, One, claim, Hold, Stop);
        Assert.Equal(claim, (await Keys.FindAsync(Key, Stop))!.Claim);
    }

    [Fact]
    public async Task Of_requests_that_claim_at_the_same_time_one_gets_the_key()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Keys.AddAsync(Key, Guid.NewGuid(), First, Hold, Stop)));
        Assert.Single(added, isAdded => isAdded);
    }

    [Fact]
    public async Task Of_requests_that_take_a_claim_over_at_the_same_time_one_gets_it()
    {
        await Keys.AddAsync(Key, One, First, TimeSpan.Zero, Stop);

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Keys.HoldAsync(Key, One, Guid.NewGuid(), Hold, Stop)));

        Assert.Single(taken, isTaken => isTaken);
        var found = await Keys.FindAsync(Key, Stop);
        Assert.NotEqual(One, found!.Token);
        Assert.Equal(First, found.Claim);
        Assert.InRange(found.HeldFor, TimeSpan.FromSeconds(1), Hold);
    }

    [Fact]
    public async Task A_request_that_has_lost_its_claim_changes_nothing()
    {
        await Keys.AddAsync(Key, One, First, Hold, Stop);
        Assert.True(await Keys.HoldAsync(Key, One, Two, TimeSpan.Zero, Stop));

        await Keys.AnswerAsync(Key, One, "{}", Stop);
        await Keys.RemoveAsync(Key, One, Stop);
        Assert.False(await Keys.HoldAsync(Key, One, One, Hold, Stop));

        var found = await Keys.FindAsync(Key, Stop);
        Assert.Equal((Two, null), (found!.Token, found.Answer));
        Assert.True(found.HeldFor <= TimeSpan.Zero, $"{found.HeldFor}");
    }

    [Fact]
    public async Task An_answer_is_kept_and_neither_removed_nor_taken_over()
    {
        await Keys.AddAsync(Key, One, First, Hold, Stop);
        await Keys.AnswerAsync(Key, One, """{"accepted":2}""", Stop);

        await Keys.RemoveAsync(Key, One, Stop);
        Assert.False(await Keys.HoldAsync(Key, One, Two, Hold, Stop));

        Assert.Equal("""{"accepted":2}""", (await Keys.FindAsync(Key, Stop))!.Answer);
    }

    [Fact]
    public async Task A_removed_claim_leaves_the_key_to_another_request()
    {
        await Keys.AddAsync(Key, One, First, Hold, Stop);
        await Keys.RemoveAsync(Key, One, Stop);
        Assert.True(await Keys.AddAsync(Key, Two, First with { BodyHash = "bb" }, Hold, Stop));
    }

    [Fact]
    public async Task After_24_hours_a_key_is_unknown_can_be_claimed_again_and_is_removed()
    {
        var other = Key with { Key = "order 2" };
        await Keys.AddAsync(Key, One, First, Hold, Stop);
        await Keys.AnswerAsync(Key, One, "{}", Stop);
        await Keys.AddAsync(other, One, First, Hold, Stop);
        await AgeAsync(TimeSpan.FromHours(23));
        Assert.NotNull(await Keys.FindAsync(Key, Stop));
        Assert.False(await Keys.AddAsync(Key, Two, First, Hold, Stop));
        Assert.Equal(0, await Keys.RemoveExpiredAsync(Stop));

        await AgeAsync(TimeSpan.FromHours(2));

        Assert.Null(await Keys.FindAsync(Key, Stop));
        Assert.True(await Keys.AddAsync(Key, Two, First with { BodyHash = "bb" }, Hold, Stop));
        var again = await Keys.FindAsync(Key, Stop);
        Assert.Equal(("bb", Two, null), (again!.Claim.BodyHash, again.Token, again.Answer));
        Assert.Equal(1, await Keys.RemoveExpiredAsync(Stop));
        Assert.NotNull(await Keys.FindAsync(Key, Stop));
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync();

    /// <summary>Makes all rows older.</summary>
    protected abstract Task AgeAsync(TimeSpan age);
}
