namespace GrainSensors.EndToEnd.Tests.Orleans;

[Trait("Category", "System")]
public sealed class ReminderTableTests(AdoNetSiloFixture fixture) : IClassFixture<AdoNetSiloFixture>, IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 11, 24, 10, 0, 0, 125, DateTimeKind.Utc);

    private IReminderTable Table => fixture.Silo.Reminders;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await Table.TestOnlyClearTable(Stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(60)]
    [InlineData(400 * 86_400)]
    public async Task A_reminder_is_read_back_as_it_was_written(int seconds)
    {
        var written = Reminder("Kraków", "every now and then", TimeSpan.FromSeconds(seconds));
        var version = await Table.UpsertRow(written, Stop);
        var read = await Table.ReadRow(written.GrainId, written.ReminderName, Stop);
        Assert.Equal(
            (written.GrainId, written.ReminderName, written.StartAt, written.Period, version),
            (read!.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
    }

    [Fact]
    public async Task Every_write_has_a_version_of_its_own_also_of_one_reminder_at_once()
    {
        var upserts = Enumerable.Range(1, 20).Select(i => Table.UpsertRow(Reminder("a", "r", TimeSpan.FromMinutes(i)), Stop));
        var versions = await Task.WhenAll(upserts);
        Assert.Equal(20, versions.Distinct().Count());
        var read = Assert.Single((await Table.ReadRows(Grain("a"), Stop)).Reminders);
        Assert.Equal(versions[(int)read.Period.TotalMinutes - 1], read.ETag);
    }

    [Fact]
    public async Task The_reminders_of_a_grain_are_its_own()
    {
        await Table.UpsertRow(Reminder("a", "one"), Stop);
        await Table.UpsertRow(Reminder("a", "two"), Stop);
        await Table.UpsertRow(Reminder("A", "three"), Stop);
        Assert.Equal(["one", "two"], (await Table.ReadRows(Grain("a"), Stop)).Reminders.Select(reminder => reminder.ReminderName).Order());
        Assert.Empty((await Table.ReadRows(Grain("b"), Stop)).Reminders);
        Assert.Null(await Table.ReadRow(Grain("a"), "three", Stop));
    }

    [Fact]
    public async Task A_reminder_is_removed_by_its_version_only()
    {
        var first = await Table.UpsertRow(Reminder("a", "r"), Stop);
        var second = await Table.UpsertRow(Reminder("a", "r"), Stop);
        Assert.False(await Table.RemoveRow(Grain("a"), "r", first!, Stop));
        Assert.False(await Table.RemoveRow(Grain("b"), "r", second!, Stop));
        Assert.True(await Table.RemoveRow(Grain("a"), "r", second!, Stop));
        Assert.False(await Table.RemoveRow(Grain("a"), "r", second!, Stop));
        Assert.Null(await Table.ReadRow(Grain("a"), "r", Stop));
    }

    [Fact]
    public async Task Who_removed_a_reminder_once_does_not_remove_the_one_that_replaced_it()
    {
        var first = await Table.UpsertRow(Reminder("a", "r"), Stop);
        await Table.RemoveRow(Grain("a"), "r", first!, Stop);
        var second = await Table.UpsertRow(Reminder("a", "r"), Stop);
        Assert.False(await Table.RemoveRow(Grain("a"), "r", first!, Stop));
        Assert.Equal(second, (await Table.ReadRow(Grain("a"), "r", Stop))!.ETag);
    }

    [Fact]
    public async Task A_range_of_the_ring_has_every_reminder_of_its_grains()
    {
        var hashes = new List<uint>();
        for (var i = 0; i < 200; i++)
        {
            var reminder = Reminder($"grain {i}", "r");
            hashes.Add(reminder.GrainId.GetUniformHashCode());
            await Table.UpsertRow(reminder, Stop);
        }

        uint[] places =
        [
            0, 1, 0x3FFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xC000_0000, uint.MaxValue, hashes[0], hashes[1], hashes[0] - 1,
        ];
        foreach (var begin in places)
        {
            foreach (var end in places)
            {
                var expected = hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end);
                var found = (await Table.ReadRows(begin, end, Stop)).Reminders.Select(reminder => reminder.GrainId.GetUniformHashCode());
                Assert.True(expected.Order().SequenceEqual(found.Order()), $"({begin:X8}, {end:X8}]");
            }
        }
    }

    [Fact]
    public async Task Another_service_sees_nothing_of_them()
    {
        await fixture.Database.ExecuteAsync(
            "INSERT INTO orleans_reminders VALUES ('another', 'note/a', 'r', 1, now(), 60000, 1) ON CONFLICT DO NOTHING");
        Assert.Empty((await Table.ReadRows(0, 0, Stop)).Reminders);
        await Table.TestOnlyClearTable(Stop);
        Assert.Single(await fixture.Database.SelectAsync("SELECT FROM orleans_reminders"));
    }

    private static GrainId Grain(string key) => GrainId.Create("note", key);

    private static ReminderEntry Reminder(string key, string name, TimeSpan? period = null) => new()
    {
        GrainId = Grain(key),
        ReminderName = name,
        StartAt = Start,
        Period = period ?? TimeSpan.FromMinutes(1),
    };
}
