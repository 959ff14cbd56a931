using GrainSensors.Storage.Access;

namespace GrainSensors.Storage.Tests.Access;

/// <summary>The contract of the tables of access control, tested on each database.</summary>
public abstract class AccessStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private IStore? _store;

    private protected SteppingClock Clock { get; } = new(DateTimeOffset.UtcNow);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ISessionStore Sessions => _store!.Access.Sessions;

    private IKeyStore Keys => _store!.Access.Keys;

    private IDeviceKeyStore DeviceKeys => _store!.Access.DeviceKeys;

    private IAuditStore Audit => _store!.Access.Audit;

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

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync();

    /// <summary>Sets the clock of the store back.</summary>
    protected abstract Task SetBackAsync(TimeSpan step);

    [Fact]
    public async Task A_session_is_found_by_its_hash_until_it_ends()
    {
        var ann = Of("ann", "k1");
        await Sessions.AddAsync("a", ann, Hour, Stop);

        var found = await Sessions.FindAsync("a", Stop);

        Assert.NotNull(found);
        Assert.Equal(ann, new NewSession(found.Id, found.Name, found.IsAdmin, found.KeyHash, found.Address));
        Assert.Equal((3_600_000_000, found.CreatedAt), (found.ExpiresAt - found.CreatedAt, found.SeenAt));
        Assert.True(found.ReadAt >= found.SeenAt);
        Assert.Null(await Sessions.FindAsync("b", Stop));
        Assert.Equal(ann.Id, (await Sessions.EndAsync("a", Stop))?.Id);
        Assert.Null(await Sessions.EndAsync("a", Stop));
        Assert.Null(await Sessions.FindAsync("a", Stop));
    }

    [Fact]
    public async Task Expired_sessions_are_neither_found_nor_listed_nor_extended_and_are_removed()
    {
        await Sessions.AddAsync("a", Of("ann", null), -Hour, Stop);
        await Sessions.AddAsync("b", Of("bob", null), Hour, Stop);
        await Sessions.ExtendAsync("a", Hour, 10 * Hour, Stop);

        Assert.Null(await Sessions.FindAsync("a", Stop));
        Assert.Equal(["bob"], (await Sessions.ReadAsync(Stop)).Select(session => session.Name));
        Assert.Equal(1, await Sessions.RemoveExpiredAsync(Stop));
        Assert.NotNull(await Sessions.FindAsync("b", Stop));
    }

    [Fact]
    public async Task The_use_of_a_session_extends_it_up_to_the_longest_time_and_never_revives_it()
    {
        await Sessions.AddAsync("a", Of("ann", null), Hour, Stop);
        await Sessions.ExtendAsync("a", 3 * Hour, 2 * Hour, Stop);
        var extended = await Sessions.FindAsync("a", Stop);
        Assert.Equal(2 * 3_600_000_000L, extended!.ExpiresAt - extended.CreatedAt);

        await Sessions.EndAsync(extended.Id, Stop);
        await Sessions.ExtendAsync("a", 3 * Hour, 2 * Hour, Stop);

        Assert.Null(await Sessions.FindAsync("a", Stop));
    }

    [Fact]
    public async Task The_use_of_a_session_of_a_clock_that_was_ahead_makes_it_last_as_long_as_one_of_now()
    {
        await Sessions.AddAsync("a", Of("ann", null), Hour, Stop);
        await SetBackAsync(24 * Hour);
        Assert.True((await Sessions.FindAsync("a", Stop))!.SeenAt > (await Sessions.FindAsync("a", Stop))!.ReadAt);

        await Sessions.ExtendAsync("a", 3 * Hour, 2 * Hour, Stop);

        var extended = await Sessions.FindAsync("a", Stop);
        Assert.True(extended!.SeenAt <= extended.ReadAt, $"{extended}");
        Assert.Equal((extended.SeenAt, 2 * 3_600_000_000L), (extended.CreatedAt, extended.ExpiresAt - extended.CreatedAt));
    }

    [Fact]
    public async Task A_protection_key_of_a_clock_that_was_ahead_keeps_no_later_one_out()
    {
        var keys = _store!.Access.ProtectionKeys;
        await keys.AddAsync("ahead", "<key id=\"ahead\" />", Hour, Stop);
        await SetBackAsync(24 * Hour);

        await keys.AddAsync("now", "<key id=\"now\" />", Hour, Stop);
        await keys.AddAsync("at-once", "<key id=\"at-once\" />", Hour, Stop);

        Assert.Equal(["<key id=\"now\" />", "<key id=\"ahead\" />"], await keys.ReadAsync(Stop));
    }

    [Fact]
    public async Task A_removed_key_ends_its_sessions_and_no_others()
    {
        Assert.True(await Keys.AddAsync(Key("ann", "k1"), Stop));
        await Sessions.AddAsync("a", Of("ann", "k1"), Hour, Stop);
        await Sessions.AddAsync("b", Of("ann", "k1"), Hour, Stop);
        await Sessions.AddAsync("c", Of("bob", "k2"), Hour, Stop);
        await Sessions.AddAsync("d", Of("cleo", null), Hour, Stop);

        Assert.True(await Keys.RemoveAsync("ann", Stop));

        Assert.False(await Keys.RemoveAsync("ann", Stop));
        Assert.Equal(["bob", "cleo"], (await Sessions.ReadAsync(Stop)).Select(session => session.Name));
        Assert.Equal(1, await Sessions.EndOfKeyAsync("k2", Stop));
        Assert.Equal(["cleo"], (await Sessions.ReadAsync(Stop)).Select(session => session.Name));
    }

    [Fact]
    public async Task Keys_are_read_back_and_neither_a_name_nor_a_hash_is_taken_twice()
    {
        var (ann, bob) = (Key("ann", "k1") with { ExpiresAt = 1_900_000_000_000_000 }, Key("bob", "k2") with { IsAdmin = true });
        Assert.True(await Keys.AddAsync(bob, Stop));
        Assert.True(await Keys.AddAsync(ann, Stop));
        Assert.False(await Keys.AddAsync(ann with { Hash = "k3" }, Stop));
        Assert.False(await Keys.AddAsync(ann with { Name = "eve" }, Stop));

        Assert.Equal([ann, bob], await Keys.ReadAsync(Stop));
    }

    [Fact]
    public async Task Device_keys_are_read_back_only_after_a_change()
    {
        var none = await DeviceKeys.ReadAsync(null, Stop);
        Assert.Empty(none!.Keys);
        Assert.Null(await DeviceKeys.ReadAsync(none.Revision, Stop));
        var kitchen = Device("kitchen-1", "k1", new(KeyScopeKind.Device, "küche 1")) with { ExpiresAt = 1_900_000_000_000_000 };
        var (room, source) = (Device("Room", "k2", new(KeyScopeKind.Tag, "room=a=b")), Device("tele", "k3", new(KeyScopeKind.Source, "tele")));
        foreach (var key in new[] { kitchen, source, room })
        {
            Assert.True(await DeviceKeys.AddAsync(key, Stop));
        }

        var added = await DeviceKeys.ReadAsync(none.Revision, Stop);
        Assert.Equal([room, kitchen, source], added!.Keys);
        Assert.Null(await DeviceKeys.ReadAsync(added.Revision, Stop));
        Assert.True(await DeviceKeys.RemoveAsync("kitchen-1", Stop));
        Assert.False(await DeviceKeys.RemoveAsync("kitchen-1", Stop));
        var removed = await DeviceKeys.ReadAsync(added.Revision, Stop);
        Assert.Equal([room, source], removed!.Keys);
        Assert.Equal(removed.Revision, (await DeviceKeys.ReadAsync(none.Revision, Stop))!.Revision);
    }

    [Fact]
    public async Task A_name_belongs_to_one_key_of_either_kind_and_a_refused_key_changes_nothing()
    {
        Assert.True(await Keys.AddAsync(Key("ann", "k1"), Stop));
        Assert.True(await DeviceKeys.AddAsync(Device("tele", "k2"), Stop));
        var before = await DeviceKeys.ReadAsync(null, Stop);

        Assert.False(await DeviceKeys.AddAsync(Device("ann", "k3"), Stop));
        Assert.False(await DeviceKeys.AddAsync(Device("tele", "k4"), Stop));
        Assert.False(await DeviceKeys.AddAsync(Device("other", "k2"), Stop));
        Assert.False(await Keys.AddAsync(Key("tele", "k5"), Stop));
        Assert.False(await DeviceKeys.RemoveAsync("ann", Stop));

        Assert.Null(await DeviceKeys.ReadAsync(before!.Revision, Stop));
        Assert.Equal(["ann"], (await Keys.ReadAsync(Stop)).Select(key => key.Name));
    }

    [Fact]
    public async Task Every_change_of_device_keys_by_several_writers_is_seen_by_a_reader_that_knows_the_last_revision()
    {
        const int Writers = 8;
        var (known, seen) = ((Guid?)null, new List<StoredDeviceKey>());
        var writes = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.True(await DeviceKeys.AddAsync(Device($"{writer}-{i}", $"{writer}-{i}"), Stop));
                Assert.True(i % 2 == 0 || await DeviceKeys.RemoveAsync($"{writer}-{i - 1}", Stop));
            }
        }));
        do
        {
            await ReadAsync();
        }
        while (!writes.IsCompleted);

        await writes;
        await ReadAsync();
        var expected = Enumerable.Range(0, Writers).SelectMany(writer => new[] { 1, 3, 5, 7, 9 }.Select(i => $"{writer}-{i}"));
        Assert.Equal(expected, seen.Select(key => key.Name));

        async Task ReadAsync()
        {
            if (await DeviceKeys.ReadAsync(known, Stop) is { } read)
            {
                (known, seen) = (read.Revision, [.. read.Keys]);
            }
        }
    }

    [Fact]
    public async Task Audit_entries_are_listed_newest_first_by_page_and_filter_and_are_removed_by_age()
    {
        for (var i = 1; i <= 5; i++)
        {
            var (actor, detail) = (i % 2 == 0 ? "ann" : "bob", i == 5 ? "x" : null);
            await Audit.AddAsync(new(0, i * 1_000_000L, actor, "192.0.2.7", $"do-{i}", $"{i}", detail), Stop);
        }

        var page = await Audit.QueryAsync(new(Limit: 2), Stop);
        Assert.Equal(["do-5", "do-4"], page.Select(entry => entry.Action));
        Assert.Equal(("x", null), (page[0].Detail, page[1].Detail));
        var next = await Audit.QueryAsync(new(Before: page[1].Id), Stop);
        Assert.Equal(["do-3", "do-2", "do-1"], next.Select(entry => entry.Action));
        Assert.Equal(["4", "2"], (await Audit.QueryAsync(new(Actor: "ann"), Stop)).Select(entry => entry.Target));
        Assert.Equal(["3"], (await Audit.QueryAsync(new(Action: "do-3"), Stop)).Select(entry => entry.Target));
        Assert.Equal(["3", "2"], (await Audit.QueryAsync(new(2_000_000, 4_000_000), Stop)).Select(entry => entry.Target));
        Assert.Equal(2, await Audit.RemoveAsync(3_000_000, Stop));
        Assert.Equal(3, (await Audit.QueryAsync(new(), Stop)).Count);
    }

    [Fact]
    public async Task Of_protection_keys_that_silos_make_at_once_the_first_is_kept()
    {
        var keys = _store!.Access.ProtectionKeys;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => keys.AddAsync($"key-{i}", $"<key id=\"{i}\" />", Hour, Stop)));

        Assert.Single(await keys.ReadAsync(Stop));
        await keys.AddAsync("revocation", "<revocation />", TimeSpan.Zero, Stop);
        Assert.Equal("<revocation />", (await keys.ReadAsync(Stop))[1]);
    }

    private static NewSession Of(string name, string? key) => new(Guid.NewGuid(), name, IsAdmin: true, key, "192.0.2.7");

    private static StoredKey Key(string name, string hash) => new(name, hash, IsAdmin: false, 1_800_000_000_000_000, "root", null);

    private static StoredDeviceKey Device(string name, string hash, KeyScope? scope = null) =>
        new(name, hash, scope ?? new(KeyScopeKind.Device, name), 1_800_000_000_000_000, "root", null);
}
