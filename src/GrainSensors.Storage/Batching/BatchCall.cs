namespace GrainSensors.Storage.Batching;

/// <summary>A call whose items may be in several batches. The call completes with its last item.</summary>
/// <param name="result">The result, filled in by the batches.</param>
/// <param name="items">The number of items.</param>
internal sealed class BatchCall<TResult>(TResult result, int items)
{
    // Continuations of the callers run outside of the lane, so they do not delay its next batch.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _remaining = items;
    private Exception? _failure;

    /// <summary>The result. Each batch writes the elements of its own items.</summary>
    public TResult Result => result;

    public Task<TResult> Task => _completion.Task;

    public void Fail(Exception failure)
    {
        _failure = failure;
        Complete();
    }

    /// <summary>Completes one item.</summary>
    public void Complete()
    {
        if (Interlocked.Decrement(ref _remaining) > 0)
        {
            return;
        }

        if (_failure is { } failure)
        {
            _completion.SetException(failure);
        }
        else
        {
            _completion.SetResult(result);
        }
    }
}
