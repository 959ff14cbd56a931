using System.Collections.Concurrent;

namespace GrainSensors.Storage.Sqlite;

/// <summary>
/// A connection with a thread of its own: SQLite blocks while it waits for the disk, which must not be a thread
/// that grains need. Work is done in the order in which it was handed over.
/// </summary>
/// <remarks>The session is opened at first use and again after a failure.</remarks>
internal sealed class SqliteThread<TSession> : IAsyncDisposable
    where TSession : class, IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Func<TSession> _open;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TSession? _session;

    public SqliteThread(string name, Func<TSession> open)
    {
        _open = open;
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    public Task<T> RunAsync<T>(Func<TSession, T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_work.IsAddingCompleted, this);
            _work.Add(() =>
            {
                try
                {
                    result.SetResult(work(_session ??= _open()));
                }
                catch (Exception e)
                {
                    // Whatever state the connection is in, the next one has none of it; closing rolls back.
                    Close();
                    result.SetException(e);
                }
            });
        }

        return result.Task;
    }

    /// <summary>Finishes what was handed over, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _work.CompleteAdding();
        }

        await _ended.Task;
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        Close();
        _ended.SetResult();
    }

    private void Close()
    {
        try
        {
            _session?.Dispose();
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // It failed already; the file is consistent whatever becomes of the handle.
        }

        _session = null;
    }
}
