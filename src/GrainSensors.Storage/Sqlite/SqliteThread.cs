using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>
/// A connection with its own thread. SQLite blocks its thread while it waits for the disk, and grains must not lose a thread to
/// it. Work runs in the order of the calls.
/// </summary>
/// <remarks>
/// The session opens at first use and again after a failure. Calls that have waited for a call which found the file locked fail
/// with it: one after the other they would wait longer than their callers do.
/// </remarks>
internal sealed class SqliteThread<TSession> : IAsyncDisposable
    where TSession : class, IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Func<TSession> _open;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TSession? _session;
    private SqliteException? _locked;
    private long _lockedAt;

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
            var calledAt = Stopwatch.GetTimestamp();
            _work.Add(() =>
            {
                if (_locked is not null && calledAt < _lockedAt)
                {
                    result.SetException(_locked);
                    return;
                }

                try
                {
                    result.SetResult(work(_session ??= _open()));
                }
                catch (Exception e)
                {
                    // The state of the connection is unknown. Closing it rolls back, and the next call opens a new one.
                    Close();
                    _locked = e is SqliteException { SqliteErrorCode: 5 or 6 } locked ? locked : null;
                    _lockedAt = Stopwatch.GetTimestamp();
                    result.SetException(e);
                }
            });
        }

        return result.Task;
    }

    /// <summary>Completes the pending work, then closes the connection.</summary>
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
        catch (SqliteException)
        {
            // The caller already knows the failure, and the file stays consistent without the close.
        }

        _session = null;
    }
}
