namespace GrainSensors.Storage.Batching;

/// <summary>A call whose items are spread over batches; it is answered when the last of them is.</summary>
internal sealed class BatchCall<TResult>(TResult result, int items)
{
    // The callers are many; their continuations must not run inside the lane, one after the other.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _remaining = items;
    private Exception? _failure;

    /// <summary>Where the batches put their part; each writes places of its own, or locks it.</summary>
    public TResult Result => result;

    public Task<TResult> Task => _completion.Task;

    public void Fail(Exception failure)
    {
        _failure = failure;
        Answered();
    }

    /// <summary>One item has been worked off.</summary>
    public void Answered()
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
