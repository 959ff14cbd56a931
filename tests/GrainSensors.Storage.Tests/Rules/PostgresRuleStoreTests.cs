using GrainSensors.Storage.Postgres;

namespace GrainSensors.Storage.Tests.Rules;

[Trait("Category", "System")]
public sealed class PostgresRuleStoreTests(PostgresServer server) : RuleStoreTests
{
    protected override async Task<IStore> OpenAsync() => new PostgresWindowStore(await server.CreateDatabaseAsync());
}
