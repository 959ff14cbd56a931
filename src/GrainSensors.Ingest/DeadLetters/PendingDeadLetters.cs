namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The dead letters of one partition that are not yet known durable; no checkpoint passes them. The loop adds
/// while a checkpoint round waits.
/// </summary>
internal sealed class PendingDeadLetters(IDeadLetterSink sink)
{
    /// <summary>Beyond this the loop waits for the letters before it takes more from the log.</summary>
    private const long MaxPendingBytes = 16 * 1024 * 1024;

    /// <summary>What a letter costs besides its bytes.</summary>
    private const int Overhead = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<DeadLetter, Task> _pending = new(ReferenceEqualityComparer.Instance);
    private long _pendingBytes;

    public bool AreTooMany => Volatile.Read(ref _pendingBytes) > MaxPendingBytes;

    public bool IsEmpty => Volatile.Read(ref _pendingBytes) == 0;

    public void Add(DeadLetter letter)
    {
        lock (_gate)
        {
            _pending.Add(letter, sink.WriteAsync(letter, CancellationToken.None));
            _pendingBytes += Cost(letter);
        }
    }

    /// <summary>Waits for the letters that are pending now; those that failed are sent again and stay pending.</summary>
    /// <exception cref="Exception">The failure of one of them; call again later.</exception>
    public async Task WriteAllAsync()
    {
        KeyValuePair<DeadLetter, Task>[] waiting;
        lock (_gate)
        {
            waiting = [.. _pending];
        }

        Exception? failure = null;
        foreach (var (letter, written) in waiting)
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
                    _pendingBytes -= _pending.Remove(letter) ? Cost(letter) : 0;
                }
                else if (_pending.GetValueOrDefault(letter) == written)
                {
                    _pending[letter] = sink.WriteAsync(letter, CancellationToken.None);
                }
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static long Cost(DeadLetter letter) => (letter.Bytes?.Length ?? 0) + Overhead;
}
