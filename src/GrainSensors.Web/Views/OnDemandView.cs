using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Web.Views;

/// <summary>Polls a source while clients watch it, once for all of them, and stops when none is left.</summary>
/// <typeparam name="T">What watchers receive.</typeparam>
internal abstract class OnDemandView<T>(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    /// <summary>A client that asked once often asks again soon, so polling continues for this long after a request.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Action<T>> _watchers = [];
    private readonly SemaphoreSlim _wanted = new(0);
    private TaskCompletionSource _ready = New();
    private bool _isPolling;
    private long _wantedUntil;
    private long _wantedSince;

    protected TimeProvider Clock { get; } = clock;

    /// <summary>When the first of the present clients asked; µs since the epoch.</summary>
    protected long WantedSince => Volatile.Read(ref _wantedSince);

    /// <summary>Why the last read failed; null: it succeeded.</summary>
    public string? Trouble { get; private set; }

    /// <param name="changed">Called on any thread; must not block.</param>
    /// <returns>Ends the watch.</returns>
    public IDisposable Watch(Action<T> changed)
    {
        lock (_gate)
        {
            _watchers.Add(changed);
            Want();
        }

        return new Watcher(this, changed);
    }

    /// <summary>Completes when the view has been read, or the read has failed, within the last seconds.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Want();
            return _ready.Task.WaitAsync(cancellationToken);
        }
    }

    /// <param name="isFirst">Polling has just begun, so earlier results are out of date.</param>
    /// <returns>The news for watchers; null: nothing has changed.</returns>
    protected abstract Task<T?> ReadAsync(bool isFirst, CancellationToken cancellationToken);

    /// <summary>Called when polling stops, as no watcher is left; the next read is a first one.</summary>
    protected virtual void End()
    {
    }

    /// <returns>Whether <see cref="ReadyAsync"/> may complete.</returns>
    protected virtual bool IsReady => true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _wanted.WaitAsync(stoppingToken);
                await WhileWantedAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo is stopping.
        }
        finally
        {
            _ready.TrySetCanceled(CancellationToken.None);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Want()
    {
        _wantedUntil = Clock.GetTimestamp() + (long)(KeepAlive.TotalSeconds * Clock.TimestampFrequency);
        if (!_isPolling)
        {
            _isPolling = true;
            Volatile.Write(ref _wantedSince, EpochTime.Now(Clock));
            _wanted.Release();
        }
    }

    private async Task WhileWantedAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, Clock);
        var isFirst = true;
        do
        {
            try
            {
                var news = await ReadAsync(isFirst, stoppingToken);
                (isFirst, Trouble) = (false, null);
                Notify(news);
            }
            catch (Exception e) when (
                e is WindowStoreUnavailableException or KafkaUnavailableException or OrleansException or TimeoutException)
            {
                Trouble = e.Message;
            }

            if (IsReady || Trouble is not null)
            {
                _ready.TrySetResult();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken) && !IsOver());
    }

    private void Notify(T? news)
    {
        if (news is null)
        {
            return;
        }

        Action<T>[] watchers;
        lock (_gate)
        {
            watchers = [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher(news);
        }
    }

    private bool IsOver()
    {
        lock (_gate)
        {
            if (_watchers.Count > 0 || Clock.GetTimestamp() < _wantedUntil)
            {
                return false;
            }

            End();
            _isPolling = false;
            _ready = New();
            return true;
        }
    }

    private void Unwatch(Action<T> changed)
    {
        lock (_gate)
        {
            _watchers.Remove(changed);
        }
    }

    private sealed class Watcher(OnDemandView<T> view, Action<T> changed) : IDisposable
    {
        private Action<T>? _changed = changed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _changed, null) is { } ended)
            {
                view.Unwatch(ended);
            }
        }
    }
}
