using GrainSensors.Core.Time;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>grain_states</c>: bytes by grain and name, each with an ETag that is new on every write.</summary>
/// <exception cref="WindowStoreUnavailableException">Thrown by every method if the store cannot be used.</exception>
public sealed class SqliteGrainStates
{
    private readonly SqliteAccess _access;
    private readonly TimeProvider _clock;

    internal SqliteGrainStates(SqliteAccess access, TimeProvider clock)
    {
        _access = access;
        _clock = clock;
    }

    /// <returns>The state and its ETag; null if there is no state.</returns>
    public Task<(string Version, byte[] Payload)?> ReadAsync(string grainId, string name) => _access.ReadAsync<(string, byte[])?>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT version, payload FROM grain_states WHERE grain_id = $grain AND state_name = $name";
            AddKey(command, grainId, name);
            using var reader = command.ExecuteReader();
            return reader.Read() ? (reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
        },
        CancellationToken.None);

    /// <param name="grainId">The grain.</param>
    /// <param name="name">The name of the state.</param>
    /// <param name="expected">The ETag of the stored state; null if no state may exist.</param>
    /// <param name="payload">The new state.</param>
    /// <returns>The new ETag; null if the stored state has another ETag.</returns>
    public Task<string?> WriteAsync(string grainId, string name, string? expected, byte[] payload) => _access.WriteAsync(
        session =>
        {
            var version = Guid.NewGuid().ToString("N");
            using var command = session.Connection.CreateCommand();
            command.CommandText = expected is null
                ? """
                    INSERT INTO grain_states (grain_id, state_name, version, payload, modified_at)
                    VALUES ($grain, $name, $version, $payload, $now) ON CONFLICT DO NOTHING
                    """
                : """
                    UPDATE grain_states SET version = $version, payload = $payload, modified_at = $now
                    WHERE grain_id = $grain AND state_name = $name AND version = $expected
                    """;
            AddKey(command, grainId, name);
            command.Parameters.AddWithValue("$version", version);
            command.Parameters.AddWithValue("$payload", payload);
            command.Parameters.AddWithValue("$now", EpochTime.Now(_clock));
            command.Parameters.AddWithValue("$expected", (object?)expected ?? DBNull.Value);
            return command.ExecuteNonQuery() == 1 ? version : null;
        },
        CancellationToken.None);

    /// <returns>False if the stored state has another ETag.</returns>
    public Task<bool> ClearAsync(string grainId, string name, string? expected) => _access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "DELETE FROM grain_states WHERE grain_id = $grain AND state_name = $name AND version = $expected";
            AddKey(command, grainId, name);
            command.Parameters.AddWithValue("$expected", (object?)expected ?? DBNull.Value);
            return command.ExecuteNonQuery() == 1;
        },
        CancellationToken.None);

    private static void AddKey(SqliteCommand command, string grainId, string name)
    {
        command.Parameters.AddWithValue("$grain", grainId);
        command.Parameters.AddWithValue("$name", name);
    }
}
