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

    public static async Task CheckAsync(NpgsqlConnection connection, string store, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('synchronous_commit'),
                current_setting('synchronous_standby_names') <> '', current_database(),
                pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean
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

        var (mode, hasStandbys) = (reader.GetString(2), reader.GetBoolean(3));
        if (mode == "off" || (hasStandbys && mode is "local" or "remote_write"))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} has synchronous_commit = {mode}, which can lose acknowledged readings; "
                + $"run ALTER DATABASE \"{reader.GetString(4)}\" SET synchronous_commit = on.");
        }
    }
}
