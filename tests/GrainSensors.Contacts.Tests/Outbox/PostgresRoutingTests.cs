using GrainSensors.Storage;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Contacts.Tests.Outbox;

[Trait("Category", "System")]
public sealed class PostgresRoutingTests(PostgresServer server) : RoutingTests
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
