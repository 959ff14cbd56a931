namespace GrainSensors.Storage.Batching;

/// <summary>
/// Processes items in batches, one batch at a time. An idle lane starts at once; the next batch takes the items that have
/// arrived in the meantime. The lane never waits for a batch to grow: under load the latency of the store makes it grow.
/// </summary>
/// <param name="capacity">The maximum number of items in a batch.</param>
/// <param name="keyOf">The key of an item. A batch holds each key once; a second item of the key waits for the next batch.</param>
/// <param name="work">Processes a batch and completes the calls of its items, failures included; does not throw.</param>
/// <param name="start">Starts the batches; null: outside of the scheduler of the caller.</param>
internal sealed class BatchLane<TItem, TKey>(
    int capacity, Func<TItem, TKey> keyOf, Func<IReadOnlyList<TItem>, Task> work, Func<Func<Task>, Task>? start = null)
    where TKey : struct
{
    private readonly Lock _gate = new();
    private readonly Queue<TItem> _waiting = new();
    private readonly HashSet<TKey> _keys = [];

    /// <summary>
    /// Items deferred because their key was in the batch. The next batch takes them first, which keeps the order of a key.
    /// </summary>
    private List<TItem> _deferred = [];

    private Task _running = Task.CompletedTask;
    private bool _isRunning;

    public void Add(ReadOnlySpan<TItem> items)
    {
        lock (_gate)
        {
            foreach (var item in items)
            {
                _waiting.Enqueue(item);
            }

            if (_isRunning || _waiting.Count == 0)
            {
                return;
            }

            _isRunning = true;
            // The task leaves the scheduler of the caller, so that no grain's turn runs the batches of other grains.
            _running = start?.Invoke(RunAsync) ?? Task.Run(RunAsync);
        }
    }

    /// <returns>A task that completes when all items added so far are processed.</returns>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return _running;
        }
    }

    private async Task RunAsync()
    {
        while (Take() is { } batch)
        {
            await work(batch);
        }
    }

    private List<TItem>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && _deferred.Count == 0)
            {
                _isRunning = false;
                return null;
            }

            _keys.Clear();
            var batch = new List<TItem>(Math.Min(capacity, _waiting.Count + _deferred.Count));
            var deferred = new List<TItem>();
            foreach (var item in _deferred)
            {
                (batch.Count < capacity && _keys.Add(keyOf(item)) ? batch : deferred).Add(item);
            }

            while (batch.Count < capacity && _waiting.TryDequeue(out var item))
            {
                (_keys.Add(keyOf(item)) ? batch : deferred).Add(item);
            }

            _deferred = deferred;
            return batch;
        }
    }
}
