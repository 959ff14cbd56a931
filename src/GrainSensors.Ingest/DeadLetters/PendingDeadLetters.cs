namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The dead letters of one partition that may not be durable yet. No checkpoint passes them. The loop adds dead letters while a
/// checkpoint attempt waits for them.
/// </summary>
internal sealed class PendingDeadLetters(IDeadLetterSink sink)
{
    /// <summary>Above this size the loop waits for the dead letters before it dispatches more.</summary>
    private const long MaxPendingBytes = 16 * 1024 * 1024;

    /// <summary>The memory of a dead letter besides its bytes, key and headers.</summary>
    private const int Overhead = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<DeadLetter, Task> _pending = new(ReferenceEqualityComparer.Instance);
    private long _pendingBytes;

    public bool AreTooMany => Volatile.Read(ref _pendingBytes) > MaxPendingBytes;

    public bool IsEmpty => Volatile.Read(ref _pendingBytes) == 0;

    public void Add(DeadLetter deadLetter)
    {
        lock (_gate)
        {
            _pending.Add(deadLetter, sink.WriteAsync(deadLetter, CancellationToken.None));
            _pendingBytes += Cost(deadLetter);
        }
    }

    /// <summary>Waits for the dead letters that are pending now. Those that failed are sent again and stay pending.</summary>
    /// <exception cref="Exception">A dead letter could not be written. Call again later.</exception>
    public async Task WriteAllAsync()
    {
        KeyValuePair<DeadLetter, Task>[] waiting;
        lock (_gate)
        {
            waiting = [.. _pending];
        }

        Exception? failure = null;
        foreach (var (deadLetter, written) in waiting)
        {
            try
            {
                await written;
            }
            catch (Exception e)
            {
                failure = e;
            }

            lock (_gate)
            {
                if (written.IsCompletedSuccessfully)
                {
                    _pendingBytes -= _pending.Remove(deadLetter) ? Cost(deadLetter) : 0;
                }
                else if (_pending.GetValueOrDefault(deadLetter) == written)
                {
                    _pending[deadLetter] = sink.WriteAsync(deadLetter, CancellationToken.None);
                }
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static long Cost(DeadLetter deadLetter) => deadLetter.Size + Overhead;
}
