namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The dead letters of one partition that may not be durable yet. No checkpoint passes them. The loop adds dead letters while a
/// checkpoint attempt waits for them.
/// </summary>
/// <param name="settled">Called when dead letters have become durable or have failed. Null: nobody waits for that.</param>
internal sealed class PendingDeadLetters(IDeadLetterSink sink, Action? settled = null)
{
    /// <summary>Above this size the loop waits for the dead letters before it dispatches more.</summary>
    private const long MaxPendingBytes = 16 * 1024 * 1024;

    /// <summary>The memory of a dead letter besides its bytes, key and headers.</summary>
    private const int Overhead = 512;

    private readonly Lock _gate = new();
    private readonly HashSet<Batch> _pending = [];
    private long _pendingBytes;
    private int _failed;

    public bool AreTooMany => Volatile.Read(ref _pendingBytes) > MaxPendingBytes;

    public bool IsEmpty => Volatile.Read(ref _pendingBytes) == 0;

    /// <summary>Whether dead letters have failed, which <see cref="WriteAllAsync"/> sends again.</summary>
    public bool HaveFailed => Volatile.Read(ref _failed) > 0;

    /// <param name="deadLetters">At least one. They must not change any more.</param>
    public void Add(IReadOnlyList<DeadLetter> deadLetters)
    {
        var batch = new Batch(deadLetters);
        lock (_gate)
        {
            _pending.Add(batch);
            _pendingBytes += batch.Bytes;
        }

        _ = WriteAsync(batch);
    }

    /// <summary>Waits for the dead letters that are pending now. Those that failed are sent again and stay pending.</summary>
    /// <exception cref="Exception">A dead letter could not be written. Call again later.</exception>
    public async Task WriteAllAsync()
    {
        Batch[] waiting;
        lock (_gate)
        {
            waiting = [.. _pending];
        }

        foreach (var batch in waiting)
        {
            await batch.Settled.Task;
        }

        Exception? failure = null;
        foreach (var batch in waiting)
        {
            if (batch.Failure is not null)
            {
                failure = batch.Failure;
                lock (_gate)
                {
                    _failed--;
                    batch.Begin();
                }

                _ = WriteAsync(batch);
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private async Task WriteAsync(Batch batch)
    {
        FailedDeadLetters? failed;
        try
        {
            failed = await sink.WriteAsync(batch.DeadLetters, CancellationToken.None);
        }
        catch (Exception e)
        {
            failed = new(batch.DeadLetters, e);
        }

        lock (_gate)
        {
            _pendingBytes -= batch.Bytes;
            if (failed is null)
            {
                _pending.Remove(batch);
            }
            else
            {
                batch.Fail(failed);
                _pendingBytes += batch.Bytes;
                _failed++;
            }
        }

        batch.Settled.SetResult();
        settled?.Invoke();
    }

    /// <summary>Dead letters that are written together, and then those of them that failed.</summary>
    private sealed class Batch(IReadOnlyList<DeadLetter> deadLetters)
    {
        public IReadOnlyList<DeadLetter> DeadLetters { get; private set; } = deadLetters;

        public long Bytes { get; private set; } = Cost(deadLetters);

        /// <summary>Completes when each of them is durable or has failed.</summary>
        public TaskCompletionSource Settled { get; private set; } = NewSettled();

        /// <summary>Why one of them failed. Null while they are written.</summary>
        public Exception? Failure { get; private set; }

        public void Begin() => (Failure, Settled) = (null, NewSettled());

        public void Fail(FailedDeadLetters failed) =>
            (DeadLetters, Bytes, Failure) = (failed.DeadLetters, Cost(failed.DeadLetters), failed.Reason);

        private static TaskCompletionSource NewSettled() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private static long Cost(IReadOnlyList<DeadLetter> deadLetters) => deadLetters.Sum(static letter => (long)letter.Size + Overhead);
    }
}
