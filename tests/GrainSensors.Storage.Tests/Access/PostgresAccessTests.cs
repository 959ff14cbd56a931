using GrainSensors.Storage.Postgres;

namespace GrainSensors.Storage.Tests.Access;

[Trait("Category", "System")]
public sealed class PostgresAccessTests(PostgresServer server) : AccessStoreTests
{
    protected override async Task<IStore> OpenAsync() =>
        new PostgresWindowStore(await server.CreateDatabaseAsync(), clock: Clock);
}
