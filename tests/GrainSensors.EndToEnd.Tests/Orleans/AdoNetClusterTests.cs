using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>Silos that have nothing in common but a database.</summary>
[Trait("Category", "System")]
public sealed class AdoNetClusterTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private NpgsqlDataSource? _database;

    private NpgsqlDataSource Database => _database!;

    public async ValueTask InitializeAsync() => _database = await MigratedDatabase.CreateAsync(server);

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Silos_find_each_other_and_grains_their_states_and_reminders_wherever_they_go()
    {
        await using var first = await AdoNetSilo.StartAsync(Database, "first");
        await using var second = await AdoNetSilo.StartAsync(Database, "second");
        await ActiveAsync(first, "first", "second");
        await ActiveAsync(second, "first", "second");

        List<string> keys = [.. Enumerable.Range(0, 20).Select(i => $"note {i}")];
        await Task.WhenAll(keys.Select(key => first.Grains.GetGrain<INoteGrain>(key).WriteAsync($"of {key}")));
        await Task.WhenAll(keys.Select(key => second.Grains.GetGrain<INoteGrain>(key).RemindAsync(TimeSpan.FromHours(1))));
        var places = await Task.WhenAll(keys.Select(key => second.Grains.GetGrain<INoteGrain>(key).WhereAsync()));
        Assert.Equal(["first", "second"], places.Distinct().Order());

        await first.DisposeAsync();
        await ActiveAsync(second, "second");
        foreach (var key in keys)
        {
            var grain = second.Grains.GetGrain<INoteGrain>(key);
            Assert.Equal(("second", $"of {key}"), (await grain.WhereAsync(), await grain.ReadAsync()));
            Assert.True(await grain.ForgetAsync());
            Assert.False(await grain.ForgetAsync());
        }

        Assert.Empty(await Database.SelectAsync("SELECT FROM orleans_reminders"));
        Assert.Equal(
            [["first", 6], ["second", 3]],
            await Database.SelectAsync("SELECT silo_name, status FROM orleans_silos ORDER BY silo_name"));
    }

    private static async Task ActiveAsync(AdoNetSilo silo, params string[] expected)
    {
        string[] seen = [];
        await Until.Async(
            () => (seen = LookAsync().GetAwaiter().GetResult()).SequenceEqual(expected),
            () => string.Join(' ', seen),
            Patience);

        async Task<string[]> LookAsync()
        {
            var hosts = await silo.Grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true);
            return [.. hosts.Select(host => host.SiloName).Order(StringComparer.Ordinal)];
        }
    }
}
