using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Turns exceptions of the driver into one sentence that names the store and the cause.</summary>
internal static class PostgresErrors
{
    /// <param name="failed">Receives the exception of the driver.</param>
    /// <exception cref="WindowStoreUnavailableException">The action failed.</exception>
    public static async Task<T> GuardAsync<T>(
        string store, Func<Task<T>> action, CancellationToken cancellationToken, Action<Exception>? failed = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await action();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failed?.Invoke(e);
            throw Describe(store, e);
        }
    }

    public static WindowStoreUnavailableException Describe(string store, Exception e) => e switch
    {
        WindowStoreUnavailableException described => described,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => new(
            $"The window store {store} has no tables yet.", e)
        { NeedsMigration = true },
        PostgresException { SqlState: PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedColumn } => new(
            $"The window store {store} has not run all migrations yet.", e)
        { NeedsMigration = true },
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } p => new(
            $"The window store {store} has no connection left: {OneLine(p.MessageText)} (SQLSTATE {p.SqlState}); "
            + "allow more connections, or set a lower Maximum Pool Size in the connection string.", e),
        PostgresException p => new($"The window store {store} refused a statement: {OneLine(p.MessageText)} (SQLSTATE {p.SqlState}).", e),
        FormatException f => new($"The window store {store} has a row that cannot be read: {OneLine(f.Message)}.", e),
        _ => new($"The window store {store} cannot be reached: {OneLine(Cause(e))}.", e),
    };

    /// <summary>The text of the driver, and that of the socket error or timeout beneath it.</summary>
    private static string Cause(Exception e)
    {
        var innermost = e.GetBaseException();
        return ReferenceEquals(e, innermost) || e.Message.Contains(innermost.Message, StringComparison.Ordinal)
            ? e.Message
            : $"{OneLine(e.Message)}, {innermost.Message}";
    }

    public static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
