using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Runs schema changes without blocking writers for long.</summary>
/// <remarks>
/// A statement that waits for an exclusive lock blocks every statement behind it. A report that reads for minutes would then
/// stop all writes. The change therefore gives up after 1 s, lets the waiting statements pass and tries again.
/// </remarks>
internal static class LockTimeoutRetry
{
    /// <summary>Attempts for changes that no writer waits for: about 10 s in total.</summary>
    public const int Attempts = 8;

    /// <param name="change">The change; its transaction is committed afterwards.</param>
    /// <param name="attempts">The number of attempts; the last one throws, see <see cref="IsLockFailure"/>.</param>
    public static async Task<T> RunAsync<T>(
        NpgsqlDataSource dataSource, Func<NpgsqlConnection, Task<T>> change, int attempts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await connection.ExecuteAsync("SET LOCAL lock_timeout = '1s'", cancellationToken);
                var result = await change(connection);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (PostgresException e) when (IsLockFailure(e) && attempt < attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 * attempt), cancellationToken);
            }
        }
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The statement did not get a lock in time, or was the victim of a deadlock.</summary>
    public static bool IsLockFailure(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;
}
