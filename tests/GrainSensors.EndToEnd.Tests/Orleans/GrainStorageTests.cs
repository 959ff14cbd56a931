using Orleans.Storage;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>A state is written over the version that its activation knows, or not at all.</summary>
[Trait("Category", "System")]
public sealed class GrainStorageTests(AdoNetSiloFixture fixture) : IClassFixture<AdoNetSiloFixture>
{
    private const string Name = "note";
    private static int _grains;

    private readonly IdSpan _key = IdSpan.Create($"grain {Interlocked.Increment(ref _grains)}");

    public static TheoryData<string> Storages => [AdoNetSilo.Keeping, AdoNetSilo.Deleting];

    private GrainId Grain => GrainId.Create(GrainType.Create(Name), _key);

    [Fact]
    public async Task Grains_are_told_apart_by_every_kind_of_key()
    {
        var guid = Guid.Parse("8d7a3c2e-5b0f-4f6e-9a41-0123456789ab");
        IdSpan[] keys =
        [
            GrainIdKeyExtensions.CreateIntegerKey(0), GrainIdKeyExtensions.CreateIntegerKey(7), GrainIdKeyExtensions.CreateIntegerKey(-7),
            GrainIdKeyExtensions.CreateIntegerKey(long.MaxValue), GrainIdKeyExtensions.CreateIntegerKey(long.MinValue),
            GrainIdKeyExtensions.CreateIntegerKey(0, "north"), GrainIdKeyExtensions.CreateIntegerKey(0, "North"), IdSpan.Create("north"),
            GrainIdKeyExtensions.CreateGuidKey(guid),
            GrainIdKeyExtensions.CreateGuidKey(guid, "north"),
            GrainIdKeyExtensions.CreateGuidKey(guid, "north "),
            GrainIdKeyExtensions.CreateGuidKey(Guid.Parse("8d7a3c2e-5b0f-4f6e-9a41-0123456789ac")),
            IdSpan.Create("Kraków / Rynek 7 '%_\\"), IdSpan.Create(" "), IdSpan.Create("7,PT15M"), IdSpan.Create(new string('k', 2_000)),
        ];
        foreach (var name in (string[])[Name, "another"])
        {
            foreach (var key in keys)
            {
                var grain = GrainId.Create(GrainType.Create(Name), key);
                await WriteAsync(AdoNetSilo.Keeping, new GrainState<NoteState>(new($"{name} of {key}")), grain, name);
            }
        }

        foreach (var key in keys)
        {
            var activation = new GrainState<NoteState>(new(""));
            await fixture.Silo.Storage(AdoNetSilo.Keeping).ReadStateAsync(Name, GrainId.Create(GrainType.Create(Name), key), activation);
            Assert.Equal($"{Name} of {key}", activation.State!.Text);
            Assert.True(activation.RecordExists);
        }
    }

    [Fact]
    public async Task A_state_that_was_never_written_is_new()
    {
        var activation = await ReadAsync(AdoNetSilo.Keeping);
        Assert.Equal((false, null, ""), (activation.RecordExists, activation.ETag, activation.State!.Text));
        await fixture.Silo.Storage(AdoNetSilo.Keeping).ClearStateAsync(Name, Grain, activation);
        Assert.Empty(await fixture.Database.SelectAsync($"SELECT FROM orleans_grain_states WHERE key_text = '{_key}'"));
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task Every_write_has_a_version_of_its_own(string storage)
    {
        var activation = new GrainState<NoteState>(new("0"));
        HashSet<string> versions = [];
        for (var i = 0; i < 20; i++)
        {
            activation.State = new($"{i}");
            await WriteAsync(storage, activation);
            Assert.True(versions.Add(activation.ETag!));
            var read = await ReadAsync(storage);
            Assert.Equal((true, activation.ETag, $"{i}"), (read.RecordExists, read.ETag, read.State!.Text));
        }
    }

    [Fact]
    public async Task Of_several_first_writes_at_once_one_wins()
    {
        for (var round = 0; round < 20; round++)
        {
            var grain = GrainId.Create(GrainType.Create(Name), $"first {round}");
            var activations = Enumerable.Range(0, 8).Select(i => new GrainState<NoteState>(new($"{i}"))).ToList();
            var winner = Assert.Single(await WinnersAsync(activations, grain));
            var read = new GrainState<NoteState>(new(""));
            await fixture.Silo.Storage(AdoNetSilo.Keeping).ReadStateAsync(Name, grain, read);
            Assert.Equal((winner.State!.Text, winner.ETag), (read.State!.Text, read.ETag));
        }
    }

    [Fact]
    public async Task Of_several_writes_over_the_same_version_one_wins()
    {
        await WriteAsync(AdoNetSilo.Keeping, new GrainState<NoteState>(new("begun")));
        for (var round = 0; round < 20; round++)
        {
            var activations = new List<GrainState<NoteState>>();
            for (var i = 0; i < 8; i++)
            {
                var activation = await ReadAsync(AdoNetSilo.Keeping);
                activation.State = new($"{round} {i}");
                activations.Add(activation);
            }

            var winner = Assert.Single(await WinnersAsync(activations, Grain));
            Assert.Equal(winner.State!.Text, (await ReadAsync(AdoNetSilo.Keeping)).State!.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task A_stale_activation_neither_writes_nor_clears(string storage)
    {
        var activation = new GrainState<NoteState>(new("first"));
        await WriteAsync(storage, activation);
        var stale = await ReadAsync(storage);
        activation.State = new("second");
        await WriteAsync(storage, activation);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, new GrainState<NoteState>(new("a first write"))));
        await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.Silo.Storage(storage).ClearStateAsync(Name, Grain, stale));
        var read = await ReadAsync(storage);
        Assert.Equal((activation.ETag, "second"), (read.ETag, read.State!.Text));

        await fixture.Silo.Storage(storage).ReadStateAsync(Name, Grain, stale);
        stale.State = new("third");
        await WriteAsync(storage, stale);
        Assert.Equal("third", (await ReadAsync(storage)).State!.Text);
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task An_activation_from_before_a_restore_does_not_write_over_the_writes_after_it(string storage)
    {
        var before = new GrainState<NoteState>(new("backed up"));
        await WriteAsync(storage, before);
        await fixture.Database.SelectAsync(
            """
            CREATE TABLE backup AS SELECT * FROM orleans_grain_states;
            DO $$ BEGIN
                IF to_regclass('orleans_grain_versions') IS NOT NULL THEN
                    CREATE TABLE backup_sequence AS SELECT last_value FROM orleans_grain_versions;
                END IF;
            END $$
            """);
        for (var i = 0; i < 3; i++)
        {
            await WriteAsync(storage, before);
        }

        await fixture.Database.SelectAsync(
            """
            DELETE FROM orleans_grain_states; INSERT INTO orleans_grain_states SELECT * FROM backup; DROP TABLE backup;
            DO $$ BEGIN
                IF to_regclass('backup_sequence') IS NOT NULL THEN
                    PERFORM setval('orleans_grain_versions', last_value) FROM backup_sequence;
                    DROP TABLE backup_sequence;
                END IF;
            END $$
            """);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, before));
        var after = await ReadAsync(storage);
        for (var i = 0; i < 3; i++)
        {
            after.State = new($"after {i}");
            await WriteAsync(storage, after);
        }

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, before));
        Assert.Equal("after 2", (await ReadAsync(storage)).State!.Text);
    }

    [Theory]
    [InlineData(AdoNetSilo.Keeping, 1)]
    [InlineData(AdoNetSilo.Deleting, 0)]
    public async Task A_state_that_was_cleared_is_new_and_can_be_written_again(string storage, int rows)
    {
        var activation = new GrainState<NoteState>(new("old"));
        await WriteAsync(storage, activation);
        var stale = await ReadAsync(storage);
        await fixture.Silo.Storage(storage).ClearStateAsync(Name, Grain, activation);
        Assert.Equal((false, ""), (activation.RecordExists, activation.State!.Text));
        Assert.Equal(
            (long)rows,
            Assert.Single(await fixture.Database.SelectAsync($"SELECT count(*) FROM orleans_grain_states WHERE key_text = '{_key}'"))[0]);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, stale));

        var read = await ReadAsync(storage);
        Assert.Equal((false, activation.ETag, ""), (read.RecordExists, read.ETag, read.State!.Text));
        read.State = new("new");
        await WriteAsync(storage, read);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, stale));
        Assert.Equal("new", (await ReadAsync(storage)).State!.Text);
    }

    [Fact]
    public async Task A_state_of_many_megabytes_is_read_back()
    {
        const string Alphabet = "0123456789 abcdefghijklmnopqrstuvwxyzäöü";
        var text = string.Create(16 << 20, 7, (characters, _) => new Random(7).GetItems(Alphabet, characters));
        await WriteAsync(AdoNetSilo.Keeping, new GrainState<NoteState>(new(text)));
        Assert.True(text == (await ReadAsync(AdoNetSilo.Keeping)).State!.Text);
    }

    [Fact]
    public async Task A_state_that_is_written_again_and_again_stays_on_its_page()
    {
        const int Writes = 100;
        var activation = new GrainState<NoteState>(new(""));
        for (var i = 0; i <= Writes; i++)
        {
            activation.State = new($"{i}");
            await WriteAsync(AdoNetSilo.Keeping, activation);
        }

        Assert.InRange(await fixture.Database.HotShareAsync("orleans_grain_states", Writes), 0.9, 1);
    }

    private async Task<List<GrainState<NoteState>>> WinnersAsync(List<GrainState<NoteState>> activations, GrainId grain)
    {
        var won = await Task.WhenAll(activations.Select(async activation =>
        {
            try
            {
                await WriteAsync(AdoNetSilo.Keeping, activation, grain);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        return [.. activations.Where((_, i) => won[i])];
    }

    private async Task<GrainState<NoteState>> ReadAsync(string storage)
    {
        var activation = new GrainState<NoteState>(new(""));
        await fixture.Silo.Storage(storage).ReadStateAsync(Name, Grain, activation);
        return activation;
    }

    private Task WriteAsync(string storage, GrainState<NoteState> activation, GrainId? grain = null, string name = Name) =>
        fixture.Silo.Storage(storage).WriteStateAsync(name, grain ?? Grain, activation);
}
