using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Storage.Tests.Mqtt;

[Trait("Category", "System")]
public sealed class PostgresMqttSlotTests(PostgresServer server) : MqttSlotTests
{
    private NpgsqlDataSource? _database;

    [Fact]
    public async Task Silos_that_renew_at_the_same_time_share_the_slots()
    {
        await using var store = new PostgresWindowStore(_database!);
        var silos = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToList();
        var owned = new Dictionary<Guid, int>();
        for (var round = 0; round < 6; round++)
        {
            await Task.WhenAll(silos.Select(async silo =>
            {
                var share = await store.MqttSlots.RenewAsync("mqtt", silo, 10, TimeSpan.FromMinutes(1), Stop);
                foreach (var slot in share.Surplus)
                {
                    await store.MqttSlots.ReleaseAsync("mqtt", silo, slot, Stop);
                }

                lock (owned)
                {
                    owned[silo] = share.Owned.Count;
                }
            }));
        }

        Assert.Equal([2, 2, 3, 3], owned.Values.Order());
    }

    public override async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database!.DisposeAsync();
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new PostgresWindowStore(_database!));
}
