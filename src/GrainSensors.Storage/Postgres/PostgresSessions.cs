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
    private volatile bool _prepares;

    /// <summary>Whether batches are prepared.</summary>
    public bool Prepares => _prepares;

    /// <summary>Decides by a new connection whether batches are prepared.</summary>
    /// <param name="connection">A connection to the database.</param>
    /// <param name="serverProcess">The answer of <c>pg_backend_pid()</c> on this connection.</param>
    /// <returns>Whether a pooler is between this process and the server: it answers with a process number of its own.</returns>
    public bool Inspect(NpgsqlConnection connection, int serverProcess)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        var isPooled = connection.ProcessID != serverProcess;
        _prepares = !isPooled && settings.Pooling && !(settings.MaxAutoPrepare == 0 && Gives(settings, "Max Auto Prepare"));
        return isPooled;
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

    /// <summary>Whether the connection string gives the setting. A setting that it leaves out has a default.</summary>
    public static bool Gives(NpgsqlConnectionStringBuilder settings, string keyword) =>
        new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString }.ContainsKey(keyword);
}
