using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using Polly;
using Polly.Retry;

namespace GrainSensors.Grains.Alerts;

/// <summary>The queue of alerts on their way to the alerts table and the log topic, in the order in which they happened.</summary>
/// <remarks>
/// Alerts are written at once, and the state that contains them becomes durable after them. So the readings of a crashed monitor are
/// processed again and yield the same alerts. Calls are made in the turns of one activation.
/// </remarks>
internal sealed class AlertOutbox
{
    private const int MaxBatch = 1000;

    private readonly IAlertStore _store;
    private readonly IAlertSink _sink;
    private readonly ISensorNames? _names;
    private readonly ResiliencePipeline _retry;
    private readonly Queue<(AlertEvent Event, Alert Row)> _waiting = new();
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _added;
    private long _written;
    private bool _isWriting;
    private int _generation;

    /// <param name="names">The names of sensors. Null if no sensor has one.</param>
    public AlertOutbox(IAlertStore store, IAlertSink sink, TimeProvider clock, ISensorNames? names = null)
    {
        (_store, _sink, _names) = (store, sink, names);
        _retry = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = false, // simulations must be repeatable
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(5),
                OnRetry = attempt =>
                {
                    Signal(attempt.Outcome.Exception);
                    return default;
                },
            })
            .Build();
    }

    /// <summary>The number of alerts that were ever added.</summary>
    public long Added => _added;

    public void Add(AlertEvent happened, Alert row)
    {
        _waiting.Enqueue((happened, row));
        _added++;
    }

    /// <summary>Starts to write the waiting alerts and returns at once.</summary>
    public void Start()
    {
        if (!_isWriting && _waiting.Count > 0)
        {
            _isWriting = true;
            _ = WriteAllAsync();
        }
    }

    /// <returns>A task that completes when this number of alerts has been written.</returns>
    /// <exception cref="Exception">A write has failed since the call. The outbox retries it.</exception>
    public async Task WrittenAsync(long count)
    {
        var generation = _generation;
        while (_written < count && generation == _generation)
        {
            await _progress.Task;
        }
    }

    /// <summary>Discards the waiting alerts: another activation writes the same ones.</summary>
    public void Clear()
    {
        _generation++;
        _waiting.Clear();
        _written = _added;
        Signal(null);
    }

    private async Task WriteAllAsync()
    {
        while (_waiting.Count > 0)
        {
            // By default Polly leaves the captured context, and with it the turns of the grain.
            var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true);
            await _retry.ExecuteAsync(static async (_, outbox) => await outbox.WriteBatchAsync(), context, this);
            ResilienceContextPool.Shared.Return(context);
        }

        _isWriting = false;
    }

    /// <summary>Writes the alerts that wait now; a repeated attempt includes those that were added in the meantime.</summary>
    private async Task WriteBatchAsync()
    {
        var generation = _generation;
        var batch = _waiting.Take(MaxBatch).ToList();
        if (batch.Count == 0)
        {
            return;
        }

        if (_names is not null && batch.Exists(item => SensorName.IsNumber(item.Row.SensorId)))
        {
            var names = await _names.NamesAmongAsync(batch.Select(item => item.Row.SensorId), CancellationToken.None);
            batch = batch.ConvertAll(item => SensorRef.Of(item.Row.SensorId, names).Name is { } name ? AlertTexts.Named(item, name) : item);
        }

        await Task.WhenAll(
            _sink.PublishAsync(batch.ConvertAll(item => item.Event)),
            _store.WriteAsync(batch.ConvertAll(item => item.Row), CancellationToken.None));
        if (generation == _generation)
        {
            batch.ForEach(_ => _waiting.Dequeue());
            _written += batch.Count;
        }

        Signal(null);
    }

    private void Signal(Exception? failure)
    {
        var progress = _progress;
        _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (failure is null)
        {
            progress.SetResult();
        }
        else
        {
            progress.SetException(failure);
            _ = progress.Task.Exception; // marks the exception as observed: the task may have no awaiter
        }
    }
}
