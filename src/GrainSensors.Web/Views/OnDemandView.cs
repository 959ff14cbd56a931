using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Web.Views;

/// <summary>Looks at something again and again for everybody who watches it, and not at all while nobody does.</summary>
/// <typeparam name="T">What those who watch are told.</typeparam>
internal abstract class OnDemandView<T>(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    /// <summary>Who asked once may ask again soon.</summary>
    private static readonly TimeSpan Interest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Action<T>> _watchers = [];
    private readonly SemaphoreSlim _wanted = new(0);
    private TaskCompletionSource _looked = New();
    private bool _isLooking;
    private long _wantedUntil;

    protected TimeProvider Clock { get; } = clock;

    /// <summary>Why the last look failed, in a sentence; null: it did not.</summary>
    public string? Trouble { get; private set; }

    /// <param name="changed">Called on any thread, and must not block.</param>
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

    /// <summary>Completes when what there is to see is not older than some seconds.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Want();
            return _looked.Task.WaitAsync(cancellationToken);
        }
    }

    /// <param name="isFirst">Nobody has looked for some time.</param>
    /// <returns>What to tell those who watch; null: nothing has changed.</returns>
    protected abstract Task<T?> LookAsync(bool isFirst, CancellationToken cancellationToken);

    /// <summary>Nobody watches any more; the next look is a first one.</summary>
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
            // The silo stops.
        }
        finally
        {
            _looked.TrySetCanceled(CancellationToken.None);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Want()
    {
        _wantedUntil = Clock.GetTimestamp() + (long)(Interest.TotalSeconds * Clock.TimestampFrequency);
        if (!_isLooking)
        {
            _isLooking = true;
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
                var news = await LookAsync(isFirst, stoppingToken);
                (isFirst, Trouble) = (false, null);
                Tell(news);
            }
            catch (Exception e) when (e is WindowStoreUnavailableException or KafkaUnavailableException or OrleansException or TimeoutException)
            {
                Trouble = e.Message;
                Tell(default);
            }

            if (IsReady || Trouble is not null)
            {
                _looked.TrySetResult();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken) && !IsOver());
    }

    private void Tell(T? news)
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
            _isLooking = false;
            _looked = New();
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
