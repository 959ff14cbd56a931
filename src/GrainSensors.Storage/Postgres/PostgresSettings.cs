using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Checks the server settings that exact windows depend on.</summary>
/// <remarks>
/// <c>synchronous_commit</c> is checked and not set. An administrator who turned it off should learn that this application needs
/// it, and connection poolers refuse settings on each connection. Every value except <c>off</c> waits for the disk of the
/// server. <c>local</c> and <c>remote_write</c> lose acknowledged rows only when a synchronous standby takes over.
/// </remarks>
internal static class PostgresSettings
{
    private const int MinVersion = 140_000;

    private const string Encoding = "UTF8";

    /// <param name="connection">A connection to the database.</param>
    /// <param name="store">The name of the store in messages.</param>
    /// <returns>The process of the server, and the number of connections that this role may open.</returns>
    /// <exception cref="WindowStoreUnavailableException">A setting forbids to use the database.</exception>
    public static async Task<(int ServerProcess, int ConnectionLimit)> CheckAsync(
        NpgsqlConnection connection, string store, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('synchronous_commit'),
                current_setting('synchronous_standby_names') <> '', current_database(),
                pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean, current_setting('server_encoding'),
                pg_backend_pid(), least(
                    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
                    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
                    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.GetInt32(0) < MinVersion)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} runs PostgreSQL {reader.GetString(1)}; version {MinVersion / 10_000} or later is required.");
        }

        if (reader.GetBoolean(5))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} is read-only (a standby, or default_transaction_read_only); connect to the primary.");
        }

        if (reader.GetString(6) != Encoding)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} has the encoding {reader.GetString(6)}, which cannot store every text; "
                + $"create a database with CREATE DATABASE … ENCODING '{Encoding}' TEMPLATE template0.");
        }

        var (mode, hasStandbys) = (reader.GetString(2), reader.GetBoolean(3));
        if (mode == "off" || (hasStandbys && mode is "local" or "remote_write"))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} has synchronous_commit = {mode}, which can lose acknowledged readings; "
                + $"run ALTER DATABASE \"{reader.GetString(4)}\" SET synchronous_commit = on.");
        }

        return (reader.GetInt32(7), reader.GetInt32(8));
    }
}
