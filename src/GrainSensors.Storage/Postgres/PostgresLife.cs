using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The life of the database, as the last statement that asked for it found it.</summary>
/// <remarks>
/// Statements that load rows and checkpoints, and those that write checkpoints, ask for it themselves. A check for each connection
/// would not do: a pooler keeps the connection and moves on to another server.
/// </remarks>
internal sealed class PostgresLife
{
    /// <summary>A statement that answers with the life; see migration 0017.</summary>
    public const string Select = "SELECT store_life()";

    private Known _known = new(Guid.Empty);

    /// <inheritdoc cref="Windows.IWindowStore.Life"/>
    public Guid Id => Volatile.Read(ref _known).Id;

    /// <returns>The life that a statement has found.</returns>
    public Guid Found(Guid life)
    {
        if (Id != life)
        {
            Volatile.Write(ref _known, new(life));
        }

        return life;
    }

    /// <inheritdoc cref="Windows.IWindowStore.ReadLifeAsync"/>
    public async Task<Guid> ReadAsync(NpgsqlDataSource dataSource, int? timeoutSeconds, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Select);
        command.CommandTimeout = timeoutSeconds ?? command.CommandTimeout;
        return Found((Guid)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>An object, because a GUID is not written in one piece.</summary>
    private sealed record Known(Guid Id);
}
