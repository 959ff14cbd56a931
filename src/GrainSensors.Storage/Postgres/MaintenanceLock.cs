using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The advisory lock under which one process at a time changes the schema. PostgreSQL releases it with the
/// transaction, and so with the process.
/// </summary>
internal sealed class MaintenanceLock : IAsyncDisposable
{
    /// <summary>"GSNS": a space of our own among the advisory locks of the database; the second key is the schema.</summary>
    private const int Space = 0x47534E53;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private MaintenanceLock(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Waits for the lock for as long as another process holds it.</summary>
    public static async Task<MaintenanceLock> TakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        (await TryAsync(dataSource, "SELECT true FROM (SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))) AS taken", cancellationToken))!;

    /// <returns>Null: another process holds the lock.</returns>
    public static Task<MaintenanceLock?> TryTakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        TryAsync(dataSource, "SELECT pg_try_advisory_xact_lock($1, hashtext(current_schema()))", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<MaintenanceLock?> TryAsync(NpgsqlDataSource dataSource, string sql, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var patience = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0", connection);
            await patience.ExecuteNonQueryAsync(cancellationToken);
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0, Parameters = { new() { Value = Space } } };
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new(connection, transaction);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }
}
