namespace GrainSensors.Storage.Batching;

/// <summary>
/// Works off items in batches, one batch at a time: at once when idle, and whatever has gathered meanwhile after that.
/// No wait is ever added to let a batch grow; the store's own latency does that when there is load.
/// </summary>
/// <param name="capacity">Most items of a batch.</param>
/// <param name="keyOf">A batch holds no key twice: the second item waits for the next batch.</param>
/// <param name="work">Answers the callers of the items, failures included; throws nothing.</param>
internal sealed class BatchLane<TItem, TKey>(int capacity, Func<TItem, TKey> keyOf, Func<IReadOnlyList<TItem>, Task> work)
    where TKey : struct
{
    private readonly Lock _gate = new();
    private readonly Queue<TItem> _waiting = new();
    private readonly HashSet<TKey> _keys = [];

    /// <summary>Passed over for their key; older than everything that waits, so the order of a key is kept.</summary>
    private List<TItem> _passedOver = [];

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
            // Not on the caller's scheduler: a grain's turn must not carry the batches of others.
            _running = Task.Run(RunAsync);
        }
    }

    /// <returns>When everything added before is worked off.</returns>
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
            if (_waiting.Count == 0 && _passedOver.Count == 0)
            {
                _isRunning = false;
                return null;
            }

            _keys.Clear();
            var batch = new List<TItem>(Math.Min(capacity, _waiting.Count + _passedOver.Count));
            var passedOver = new List<TItem>();
            foreach (var item in _passedOver)
            {
                (batch.Count < capacity && _keys.Add(keyOf(item)) ? batch : passedOver).Add(item);
            }

            while (batch.Count < capacity && _waiting.TryDequeue(out var item))
            {
                (_keys.Add(keyOf(item)) ? batch : passedOver).Add(item);
            }

            _passedOver = passedOver;
            return batch;
        }
    }
}
