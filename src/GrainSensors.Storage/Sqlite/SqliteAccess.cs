using GrainSensors.Core.Merging;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The connections to a database file: one writes and one reads, each on its own thread.</summary>
internal sealed class SqliteAccess(SqliteFile file, TimeProvider clock, KnownLongerPeriods? longer = null) : IAsyncDisposable
{
    private readonly SqliteThread<SqliteWriteSession> _writes =
        new("sqlite writes", () => new(file, clock, longer ?? new(LongerPeriods.None)));
    private readonly SqliteThread<SqliteReadSession> _reads = new("sqlite reads", () => new(file));

    public Task<T> WriteAsync<T>(Func<SqliteWriteSession, T> work, CancellationToken cancellationToken) =>
        GuardAsync(() => _writes.RunAsync(work).WaitAsync(cancellationToken), cancellationToken);

    public Task<T> ReadAsync<T>(Func<SqliteReadSession, T> work, CancellationToken cancellationToken) =>
        GuardAsync(() => _reads.RunAsync(work).WaitAsync(cancellationToken), cancellationToken);

    /// <exception cref="WindowStoreUnavailableException">The action failed.</exception>
    public async Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await action();
        }
        catch (Exception e) when (e is not WindowStoreUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            throw Describe(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync();
        await _writes.DisposeAsync();
        file.Dispose();
    }

    private WindowStoreUnavailableException Describe(Exception e) => e switch
    {
        SqliteException { SqliteErrorCode: 1 } missing when missing.Message.Contains("no such table", StringComparison.Ordinal) =>
            new($"The window store {file.Store} has no tables yet.", e) { NeedsMigration = true },
        SqliteException { SqliteErrorCode: 5 or 6 } => new($"The window store {file.Store} is locked by another process: {OneLine(e)}.", e),
        SqliteException { SqliteErrorCode: 13 } => new($"The window store {file.Store} has no space left: {OneLine(e)}.", e),
        ObjectDisposedException => new($"The window store {file.Store} is closed.", e),
        _ => new($"The window store {file.Store} cannot be used: {OneLine(e)}.", e),
    };

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
