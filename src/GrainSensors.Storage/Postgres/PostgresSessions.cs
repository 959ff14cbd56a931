using System.Data.Common;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>How the store uses the sessions of its pool: whether it prepares statements, and when the pool opens new sessions.</summary>
/// <remarks>
/// A pooler in transaction mode gives each transaction another session of the server, so a statement prepared in one is unknown
/// in the next. The store therefore prepares statements only after <see cref="Inspect"/> has found a direct connection.
/// </remarks>
internal sealed class PostgresSessions(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// Ends the session if it was opened while database or role were read-only by their settings, and they no longer are. Such a
    /// session stays read-only, and a pooler keeps it.
    /// </summary>
    private const string EndOutdated =
        """
        SELECT pg_terminate_backend(pg_backend_pid())
        FROM pg_settings
        WHERE name = 'default_transaction_read_only' AND setting = 'on' AND source IN ('database', 'user', 'database user')
          AND NOT EXISTS (
              SELECT FROM pg_db_role_setting, unnest(setconfig) AS line
              WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
                AND line ~* '^default_transaction_read_only=(on|true|yes|1)$')
        """;

    /// <summary>More sessions than a pooler has for one user and database.</summary>
    private const int MaxOutdated = 100;

    private volatile bool _prepares;
    private volatile bool _isPooled;
    private int _isEnding;

    /// <summary>Whether batches are prepared.</summary>
    public bool Prepares => _prepares;

    /// <summary>Decides by a new connection whether batches are prepared.</summary>
    /// <param name="connection">A connection to the database.</param>
    /// <param name="serverProcess">The answer of <c>pg_backend_pid()</c> on this connection.</param>
    /// <returns>Whether a pooler is between this process and the server: it answers with a process number of its own.</returns>
    public bool Inspect(NpgsqlConnection connection, int serverProcess)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        _isPooled = connection.ProcessID != serverProcess;
        _prepares = !_isPooled && settings.Pooling && !(settings.MaxAutoPrepare == 0 && Gives(settings, "Max Auto Prepare"));
        return _isPooled;
    }

    public Task PrepareAsync(NpgsqlBatch batch) => _prepares ? batch.PrepareAsync() : Task.CompletedTask;

    /// <summary>
    /// Replaces the sessions of the pool when the failure shows that they have become useless. Orleans uses the same pool.
    /// </summary>
    public void Failed(Exception failure)
    {
        switch ((failure.GetBaseException() as PostgresException)?.SqlState)
        {
            // A session that was opened while the database was read-only stays read-only.
            case PostgresErrorCodes.ReadOnlySqlTransaction:
                dataSource.Clear();
                if (_isPooled && Interlocked.Exchange(ref _isEnding, 1) == 0)
                {
                    _ = EndOutdatedSessionsAsync();
                }

                break;

            case PostgresErrorCodes.AdminShutdown:
            case PostgresErrorCodes.CrashShutdown:
            case PostgresErrorCodes.CannotConnectNow:
                dataSource.Clear();
                break;

            // A pooler has been put before the server since the start.
            case PostgresErrorCodes.InvalidSqlStatementName:
            case PostgresErrorCodes.DuplicatePreparedStatement:
                _prepares = false;
                dataSource.Clear();
                break;
        }
    }

    /// <summary>The pool of this process is new; that of the pooler still has the sessions.</summary>
    private async Task EndOutdatedSessionsAsync()
    {
        try
        {
            for (var i = 0; i < MaxOutdated && await EndsOutdatedSessionAsync(); i++)
            {
            }
        }
        finally
        {
            Volatile.Write(ref _isEnding, 0);
        }
    }

    /// <returns>Whether there may be another outdated session. The next failure tries again if the database is away.</returns>
    private async Task<bool> EndsOutdatedSessionAsync()
    {
        try
        {
            await using var command = dataSource.CreateCommand(EndOutdated);
            return await command.ExecuteScalarAsync() is true;
        }
        catch (PostgresException)
        {
            // The pooler reports that the session has ended.
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Whether the connection string gives the setting. A setting that it leaves out has a default.</summary>
    public static bool Gives(NpgsqlConnectionStringBuilder settings, string keyword) =>
        new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString }.ContainsKey(keyword);
}
