namespace GrainSensors.Ingest.Partitions;

/// <summary>What other threads ask of the loop of a partition. Each request wakes the loop.</summary>
internal sealed class LoopRequests(Signal wake, TimeProvider clock)
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;
    private volatile bool _finishing;
    private volatile bool _dropped;
    private volatile bool _checkpointIsRequested;
    private volatile bool _dispatchesWithoutWaiting;
    private volatile TaskCompletionSource? _closeAll;

    /// <summary>The loop dispatches nothing more, and completes when everything that it dispatched is checkpointed.</summary>
    public bool IsDraining => _draining;

    /// <summary>The loop ends at once.</summary>
    public bool IsDropped => _dropped;

    public bool CheckpointIsRequested => _checkpointIsRequested;

    /// <summary>The loop dispatches fetched readings at once, because no batch gets larger by waiting.</summary>
    public bool DispatchesWithoutWaiting => _dispatchesWithoutWaiting;

    /// <summary>The loop closes every open window, regardless of the stream time.</summary>
    public bool IsClosingAll => _closeAll is not null;

    /// <summary>The time of the first request to drain, a timestamp of the clock. Null before it.</summary>
    public long? DrainingSince { get; private set; }

    /// <summary>The loop has ended, because it was drained or dropped.</summary>
    public bool IsCompleted => _completed.Task.IsCompleted;

    /// <summary>Makes the loop check what is due.</summary>
    public void Tick() => wake.Set();

    /// <summary>Requests a checkpoint of everything that was dispatched, ahead of the schedule.</summary>
    public void RequestCheckpoint()
    {
        _checkpointIsRequested = true;
        wake.Set();
    }

    /// <summary>Makes the loop dispatch fetched readings at once from now on.</summary>
    public void DispatchWithoutWaiting()
    {
        _dispatchesWithoutWaiting = true;
        wake.Set();
    }

    /// <summary>Stops dispatch and checkpoints everything that was dispatched.</summary>
    /// <returns>Completes when the loop has ended.</returns>
    public Task DrainAsync()
    {
        if (!_draining)
        {
            DrainingSince = clock.GetTimestamp();
        }

        _draining = true;
        wake.Set();
        return _completed.Task;
    }

    /// <summary>Dispatches what was fetched, and then drains as <see cref="DrainAsync"/> does.</summary>
    /// <returns>Completes when the loop has ended.</returns>
    public Task FinishAsync()
    {
        _finishing = true;
        wake.Set();
        return _completed.Task;
    }

    /// <summary>Ends the loop without a checkpoint. Another loop continues from the last checkpoint.</summary>
    public void Drop()
    {
        _dropped = true;
        wake.Set();
    }

    /// <summary>Closes every open window, regardless of the stream time.</summary>
    /// <returns>Completes when all windows are final and everything fetched is checkpointed, or when the loop has ended.</returns>
    public Task CloseAllAsync()
    {
        var request = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var current = Interlocked.CompareExchange(ref _closeAll, request, null) ?? request;
        wake.Set();
        if (IsCompleted)
        {
            current.TrySetResult();
        }

        return current.Task;
    }

    /// <summary>Begins to drain if the loop was asked to finish and nothing that was fetched is left.</summary>
    public void DrainIfFinished(PartitionBuffer buffer)
    {
        if (_finishing && buffer.Count == 0)
        {
            _draining = true;
        }
    }

    /// <summary>A checkpoint attempt has started and covers the request for one.</summary>
    public void CheckpointStarted() => _checkpointIsRequested = false;

    /// <summary>All windows are closed.</summary>
    public void AllClosed()
    {
        var request = _closeAll;
        _closeAll = null;
        request?.TrySetResult();
    }

    /// <summary>The loop has ended.</summary>
    public void Completed()
    {
        _completed.TrySetResult();
        _closeAll?.TrySetResult();
    }
}
