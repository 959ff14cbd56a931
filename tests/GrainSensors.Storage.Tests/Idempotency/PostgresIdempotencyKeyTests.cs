using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Storage.Tests.Idempotency;

[Trait("Category", "System")]
public sealed class PostgresIdempotencyKeyTests(PostgresServer server) : IdempotencyKeyTests
{
    private string _database = "";

    protected override async Task<IStore> OpenAsync() =>
        new PostgresWindowStore(_database = await server.CreateDatabaseAsync(), clock: Clock);

    /// <summary>The clock of the server stays, so the times in the table move instead.</summary>
    protected override async Task AgeAsync(TimeSpan age)
    {
        await using var database = NpgsqlDataSource.Create(_database);
        await using var command = database.CreateCommand("UPDATE idempotency_keys SET claimed_at = claimed_at - $1");
        command.Parameters.Add(new() { Value = age });
        await command.ExecuteNonQueryAsync(Stop);
    }
}
