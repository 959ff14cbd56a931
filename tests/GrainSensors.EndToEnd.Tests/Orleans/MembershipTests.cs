using Npgsql;
using static GrainSensors.EndToEnd.Tests.Orleans.MembershipTables;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>What silos decide about each other takes on the version that they decided it on, or not at all.</summary>
[Trait("Category", "System")]
public sealed class MembershipTests(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource? _database;
    private IMembershipTable? _table;

    private NpgsqlDataSource Database => _database!;

    private IMembershipTable Table => _table!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await MigratedDatabase.CreateAsync(server);
        _table = await OpenAsync(Database);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task A_cluster_begins_at_version_0_without_silos_however_many_begin_it()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync(Database, "new")));
        foreach (var table in tables)
        {
            var data = await table.ReadAllAsync(Stop);
            Assert.Empty(data.Members);
            Assert.Equal((0, "0"), (data.Version.Version, data.Version.VersionEtag));
        }
    }

    [Fact]
    public async Task A_silo_is_read_back_as_it_was_written()
    {
        var silo = Member(1, SiloStatus.Joining);
        Assert.True(await Table.InsertAsync(silo));
        Assert.Equal(silo.Describe(), (await Table.ReadAsync(silo)).Describe());

        silo.Status = SiloStatus.Active;
        silo.IAmAliveTime = Now.AddMinutes(1);
        silo.AddSuspector(Member(2).SiloAddress, Now);
        silo.AddSuspector(Member(3).SiloAddress, Now.AddSeconds(1));
        Assert.True(await Table.UpdateAsync(silo, (await Table.ReadAllAsync(Stop)).Version.Next()));
        Assert.Equal(silo.Describe(), (await Table.ReadAsync(silo)).Describe());
        Assert.Equal(2, (await Table.ReadAllAsync(Stop)).Version.Version);
    }

    [Fact]
    public async Task A_silo_that_is_not_there_is_answered_with_the_version_alone()
    {
        await Table.InsertAsync(Member(1));
        var data = await Table.ReadRowAsync(Member(2).SiloAddress, Stop);
        Assert.Empty(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task Of_those_who_insert_on_the_same_version_exactly_one_does()
    {
        for (var round = 0; round < 10; round++)
        {
            var next = (await Table.ReadAllAsync(Stop)).Version.Next();
            var took = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Table.InsertRowAsync(Member((round * 10) + i), next, Stop)));
            Assert.Single(took, true);
            var data = await Table.ReadAllAsync(Stop);
            Assert.Equal((round + 1, round + 1), (data.Version.Version, data.Members.Count));
        }
    }

    [Fact]
    public async Task Of_those_who_update_on_the_same_version_exactly_one_does()
    {
        MembershipEntry[] silos = [.. Enumerable.Range(1, 8).Select(i => Member(i))];
        foreach (var silo in silos)
        {
            Assert.True(await Table.InsertAsync(silo));
        }

        for (var round = 1; round <= 10; round++)
        {
            var next = (await Table.ReadAllAsync(Stop)).Version.Next();
            var took = await Task.WhenAll(silos.Select(silo => Table.UpdateAsync(Judged(silo.SiloAddress.Generation, round), next)));
            Assert.Single(took, true);
            var data = await Table.ReadAllAsync(Stop);
            Assert.Equal(silos.Length + round, data.Version.Version);
            Assert.Single(data.Members, member => member.Item1.IAmAliveTime == Now.AddMinutes(round));
        }

        static MembershipEntry Judged(int number, int round) => Member(number, SiloStatus.Active, Now.AddMinutes(round));
    }

    [Fact]
    public async Task Silos_that_try_again_all_get_in()
    {
        await Task.WhenAll(Enumerable.Range(1, 16).Select(async i =>
        {
            var table = await OpenAsync(Database);
            while (!await table.InsertAsync(Member(i)))
            {
            }
        }));
        var data = await Table.ReadAllAsync(Stop);
        Assert.Equal((16, 16), (data.Version.Version, data.Members.Count));
    }

    [Fact]
    public async Task A_stale_version_changes_nothing()
    {
        var stale = (await Table.ReadAllAsync(Stop)).Version.Next();
        await Table.InsertAsync(Member(1));
        Assert.False(await Table.InsertRowAsync(Member(2), stale, Stop));
        Assert.False(await Table.UpdateAsync(Member(1, SiloStatus.Dead), stale));
        var data = await Table.ReadAllAsync(Stop);
        Assert.Equal(1, data.Version.Version);
        Assert.Equal(SiloStatus.Active, Assert.Single(data.Members).Item1.Status);
    }

    [Fact]
    public async Task A_silo_is_not_inserted_twice_nor_updated_before_it_is_inserted_and_neither_raises_the_version()
    {
        await Table.InsertAsync(Member(1));
        Assert.False(await Table.InsertAsync(Member(1, SiloStatus.Dead)));
        Assert.False(await Table.UpdateAsync(Member(2), (await Table.ReadAllAsync(Stop)).Version.Next()));
        Assert.Equal(1, (await Table.ReadAllAsync(Stop)).Version.Version);
        Assert.Equal(SiloStatus.Active, (await Table.ReadAsync(Member(1))).Status);
    }

    [Fact]
    public async Task A_silo_that_is_removed_while_it_is_judged_leaves_the_version_as_it_was()
    {
        await Table.InsertAsync(Member(1));
        var next = (await Table.ReadAllAsync(Stop)).Version.Next();
        Task<bool>? judging = null;
        await MeanwhileAsync("DELETE FROM orleans_silos", () => judging = Table.UpdateAsync(Member(1, SiloStatus.Dead), next));
        Assert.False(await judging!);
        var data = await Table.ReadAllAsync(Stop);
        Assert.Empty(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task A_sign_of_life_is_written_without_a_version_and_stays_on_its_page()
    {
        const int Signs = 100;
        await Table.InsertAsync(Member(1));
        for (var i = 1; i <= Signs; i++)
        {
            await Table.UpdateIAmAliveAsync(Member(1, SiloStatus.Dead, Now.AddMinutes(i)), Stop);
        }

        Assert.Equal(Member(1, alive: Now.AddMinutes(Signs)).Describe(), (await Table.ReadAsync(Member(1))).Describe());
        Assert.Equal(1, (await Table.ReadAllAsync(Stop)).Version.Version);

        // Where a snapshot is taken meanwhile, by autovacuum for one, a version that it sees may keep a page full.
        Assert.InRange(await Database.HotShareAsync("orleans_silos", Signs), 0.9, 1);
    }

    [Fact]
    public async Task Whoever_judges_a_silo_does_not_take_back_its_last_sign_of_life()
    {
        await Table.InsertAsync(Member(1));
        var (judged, next) = (await Table.ReadAsync(Member(1)), (await Table.ReadAllAsync(Stop)).Version.Next());
        await Table.UpdateIAmAliveAsync(Member(1, alive: Now.AddMinutes(1)), Stop);
        judged.AddSuspector(Member(2).SiloAddress, Now);
        Assert.True(await Table.UpdateAsync(judged, next));
        var silo = await Table.ReadAsync(Member(1));
        Assert.Single(silo.SuspectTimes!);
        Assert.Equal(Now.AddMinutes(1), silo.IAmAliveTime);
    }

    [Fact]
    public async Task The_gateways_are_those_of_active_silos_that_have_one()
    {
        await Table.InsertAsync(Member(1, gateway: 30001));
        await Table.InsertAsync(Member(2, gateway: 0));
        await Table.InsertAsync(Member(3, SiloStatus.Joining, gateway: 30003));
        await Table.InsertAsync(Member(4, SiloStatus.Dead, gateway: 30004));
        await Table.InsertAsync(Member(5, gateway: 30005));
        await (await OpenAsync(Database, "other")).InsertAsync(Member(6, gateway: 30006));
        var gateways = await GatewaysAsync(Database);
        Assert.Equal([30001, 30005], gateways.Select(gateway => gateway.Port).Order());
        Assert.Equal("gwy.tcp://10.0.0.7:30001/1", gateways.Single(gateway => gateway.Port == 30001).ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clean_up_removes_the_dead_that_were_not_heard_of_since(bool oneByOne)
    {
        if (!oneByOne)
        {
            await Database.ExecuteAsync("DELETE FROM orleansquery WHERE querykey = 'CleanupDefunctSiloEntryKey'");
            await Table.InitializeMembershipTableAsync(true, Stop);
        }

        var old = Now.AddDays(-10);
        SiloStatus[] all = Enum.GetValues<SiloStatus>();
        foreach (var status in all)
        {
            await Table.InsertAsync(Member(100 + (int)status, status, old, started: old));
            await Table.InsertAsync(Member(200 + (int)status, status));
        }

        var suspected = Member(300, SiloStatus.Dead, old, started: old);
        await Table.InsertAsync(suspected);
        suspected.SuspectTimes = [Tuple.Create(Member(1).SiloAddress, old)];
        await Table.UpdateAsync(suspected, (await Table.ReadAllAsync(Stop)).Version.Next());
        var unsuspected = Member(301, SiloStatus.Dead, old, started: old);
        await Table.InsertAsync(unsuspected);
        unsuspected.SuspectTimes = [];
        await Table.UpdateAsync(unsuspected, (await Table.ReadAllAsync(Stop)).Version.Next());
        var other = await OpenAsync(Database, "other");
        await other.InsertAsync(Member(1, SiloStatus.Dead, old, started: old));

        var before = (await Table.ReadAllAsync(Stop)).Version;
        await Table.CleanupDefunctSiloEntriesAsync(new(Now.AddDays(-7)), Stop);
        var data = await Table.ReadAllAsync(Stop);
        Assert.Equal(before, data.Version);
        Assert.Equal(
            [
                .. all.Where(status => status != SiloStatus.Dead).Select(status => 100 + (int)status).Order(),
                .. all.Select(status => 200 + (int)status).Order(),
            ],
            data.Members.Select(member => member.Item1.SiloAddress.Generation).Order());
        Assert.Single((await other.ReadAllAsync(Stop)).Members);
    }

    [Fact]
    public async Task A_dead_silo_that_is_written_while_it_is_cleaned_up_stays()
    {
        var silo = Member(1, SiloStatus.Dead, Now.AddDays(-10), started: Now.AddDays(-10));
        await Table.InsertAsync(silo);
        await MeanwhileAsync(
            $"UPDATE orleans_silos SET alive_at = '{Now:O}'",
            () => Table.CleanupDefunctSiloEntriesAsync(new(Now.AddDays(-7)), Stop));
        Assert.Equal(Now, (await Table.ReadAsync(silo)).IAmAliveTime);
    }

    [Fact]
    public async Task A_cluster_that_is_deleted_begins_anew_and_others_stay()
    {
        var other = await OpenAsync(Database, "other");
        await Table.InsertAsync(Member(1));
        await other.InsertAsync(Member(1));
        await Table.DeleteMembershipTableEntriesAsync("one", Stop);
        Assert.Equal((1, 1), ((await other.ReadAllAsync(Stop)).Version.Version, (await other.ReadAllAsync(Stop)).Members.Count));
        Assert.Empty(await Database.SelectAsync("SELECT FROM orleans_silos WHERE cluster_id = 'one'"));
        await Table.InitializeMembershipTableAsync(true, Stop);
        Assert.True(await Table.InsertAsync(Member(1)));
    }
    /// <summary>Begins <paramref name="action"/> while a statement is uncommitted, and commits when the action waits for it.</summary>
    private async Task MeanwhileAsync(string sql, Func<Task> action)
    {
        await using var connection = await Database.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await using (var command = new NpgsqlCommand(sql, connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Stop);
        }

        var task = action();
        await Until.Async(
            () => WaitingAsync().GetAwaiter().GetResult() == 1 || task.IsCompleted,
            () => "nobody waits",
            TimeSpan.FromSeconds(30));
        Assert.False(task.IsCompleted);
        await transaction.CommitAsync(Stop);
        await task;

        async Task<long> WaitingAsync() => (long)Assert.Single(await Database.SelectAsync(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))[0]!;
    }
}
