using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>One silo with a database of its own, for the tests of a class.</summary>
public sealed class AdoNetSiloFixture(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource? _database;
    private AdoNetSilo? _silo;

    internal NpgsqlDataSource Database => _database!;

    internal AdoNetSilo Silo => _silo!;

    public async ValueTask InitializeAsync()
    {
        _database = await MigratedDatabase.CreateAsync(server);
        _silo = await AdoNetSilo.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await Database.DisposeAsync();
    }
}
