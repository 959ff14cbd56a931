using Npgsql;

namespace GrainSensors.Benchmarks.Servers;

/// <summary>A new database, on a server that is given or on one of our own, that is gone afterwards.</summary>
internal sealed class ScratchDatabase : IAsyncDisposable
{
    private readonly string? _given;
    private readonly PostgresServer? _own;

    private ScratchDatabase(string? given, PostgresServer? own, string connectionString) =>
        (_given, _own, ConnectionString) = (given, own, connectionString);

    public string ConnectionString { get; }

    public string Description => _own is null ? "PostgreSQL as given" : "PostgreSQL of its own without fsync";

    public static async Task<ScratchDatabase> CreateAsync(string? given)
    {
        if (given is null)
        {
            var own = new PostgresServer();
            return new(null, own, await own.CreateDatabaseAsync());
        }

        var name = $"grainsensors_benchmark_{Guid.NewGuid():N}";
        await ExecuteAsync(given, $"CREATE DATABASE {name}");
        return new(given, null, new NpgsqlConnectionStringBuilder(given) { Database = name }.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
        else if (_given is not null)
        {
            var name = new NpgsqlConnectionStringBuilder(ConnectionString).Database;
            await ExecuteAsync(_given, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    private static async Task ExecuteAsync(string connectionString, string statement)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
