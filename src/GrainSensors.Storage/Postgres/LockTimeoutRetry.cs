using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Runs schema changes so that they never hold up the writers for long.</summary>
/// <remarks>
/// A statement that waits for an exclusive lock makes everyone queue behind it. A report that reads for minutes
/// would so stop all writes; instead the change gives up after a moment, lets the queue pass and tries again.
/// </remarks>
internal static class LockTimeoutRetry
{
    /// <summary>For what nothing waits for: some ten seconds in all.</summary>
    public const int Attempts = 8;

    /// <param name="change">Runs in a transaction that is committed after it.</param>
    /// <param name="attempts">The last one's failure is the caller's, see <see cref="IsLostRace"/>.</param>
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
            catch (PostgresException e) when (IsLostRace(e) && attempt < attempts)
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

    public static bool IsLostRace(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;
}
