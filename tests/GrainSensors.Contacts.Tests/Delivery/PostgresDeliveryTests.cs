using GrainSensors.Storage;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Contacts.Tests.Delivery;

[Trait("Category", "System")]
public sealed class PostgresDeliveryTests(PostgresServer server) : DeliveryTests
{
    private NpgsqlDataSource? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database!.DisposeAsync();
    }

    protected override async Task<IStore> OpenAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        return new PostgresWindowStore(_database, clock: Clock);
    }
}
