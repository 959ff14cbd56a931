using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Storage.Tests.Access;

[Trait("Category", "System")]
public sealed class PostgresAccessTests(PostgresServer server) : AccessStoreTests
{
    private string _database = "";

    protected override async Task<IStore> OpenAsync() =>
        new PostgresWindowStore(_database = await server.CreateDatabaseAsync(), clock: Clock);

    /// <summary>The clock of the server stays, so the times in the tables move instead.</summary>
    protected override async Task SetBackAsync(TimeSpan step)
    {
        await using var database = NpgsqlDataSource.Create(_database);
        await using var command = database.CreateCommand(
            """
            WITH moved AS (UPDATE data_protection_keys SET created_at = created_at + $1)
            UPDATE sessions SET created_at = created_at + $1, seen_at = seen_at + $1, expires_at = expires_at + $1
            """);
        command.Parameters.Add(new() { Value = step });
        await command.ExecuteNonQueryAsync(Stop);
    }
}
