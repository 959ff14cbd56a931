using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// An advisory lock that lets one process at a time change the schema, or merge windows. PostgreSQL releases it at the end of the
/// transaction, and therefore also when the process ends.
/// </summary>
/// <remarks>
/// The lock belongs to a transaction, not to a session, so that it is also right behind a pooler in transaction mode. A process
/// that waits holds no connection meanwhile: otherwise waiting silos could take all connections of a pooler from the owner.
/// </remarks>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    /// <summary>"GSNS", the first key of the lock of maintenance; the second key of each lock is the schema.</summary>
    public const int Maintenance = 0x47534E53;

    /// <summary>"GSNM", the first key of the lock of merging.</summary>
    public const int Merging = 0x47534E4D;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private AdvisoryLock(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Waits until no other process holds the lock, and takes it.</summary>
    public static async Task<AdvisoryLock> TakeAsync(NpgsqlDataSource dataSource, int key, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryTakeAsync(dataSource, key, cancellationToken) is { } taken)
            {
                return taken;
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <returns>The lock; null if another process holds it.</returns>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlDataSource dataSource, int key, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var timeout = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0", connection);
            await timeout.ExecuteNonQueryAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                "SELECT pg_try_advisory_xact_lock($1, hashtext(current_schema()))", connection);
            command.Parameters.Add(new() { Value = key });
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

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
