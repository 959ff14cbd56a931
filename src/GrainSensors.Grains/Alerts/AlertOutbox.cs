using GrainSensors.Contracts.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// Alerts on their way to the table and the log topic, in the order in which they happened. They go out at once, and the
/// state that knows of them only becomes durable after them: what dies in between is read again and says the same again.
/// </summary>
/// <remarks>To be called in the turns of one activation.</remarks>
internal sealed class AlertOutbox(IAlertStore store, IAlertSink sink, TimeProvider clock)
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Queue<(AlertEvent Event, Alert Row)> _waiting = new();
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _added;
    private long _written;
    private bool _isWriting;
    private int _generation;

    /// <summary>How many were ever added.</summary>
    public long Added => _added;

    public void Add(AlertEvent happened, Alert row)
    {
        _waiting.Enqueue((happened, row));
        _added++;
    }

    /// <summary>Begins to write what waits; returns at once.</summary>
    public void Start()
    {
        if (!_isWriting && _waiting.Count > 0)
        {
            _isWriting = true;
            _ = WriteAllAsync();
        }
    }

    /// <returns>When as many have been written.</returns>
    /// <exception cref="Exception">Writing has failed since the call; it is tried again by itself.</exception>
    public async Task WrittenAsync(long count)
    {
        var life = _generation;
        while (_written < count && life == _generation)
        {
            await _progress.Task;
        }
    }

    /// <summary>Forgets what waits: another activation has the same to tell.</summary>
    public void Clear()
    {
        _generation++;
        _waiting.Clear();
        _written = _added;
        Signal(null);
    }

    private async Task WriteAllAsync()
    {
        var pause = FirstPause;
        while (_waiting.Count > 0)
        {
            var life = _generation;
            var batch = _waiting.Take(MaxBatch).ToList();
            try
            {
                await Task.WhenAll(sink.PublishAsync(batch.ConvertAll(item => item.Event)), store.WriteAsync(LastOfEach(batch), CancellationToken.None));
            }
            catch (Exception e)
            {
                Signal(e);
                await Task.Delay(pause, clock);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }

            pause = FirstPause;
            if (life == _generation)
            {
                batch.ForEach(_ => _waiting.Dequeue());
                _written += batch.Count;
            }

            Signal(null);
        }

        _isWriting = false;
    }

    private static List<Alert> LastOfEach(List<(AlertEvent, Alert Row)> batch)
    {
        var rows = new Dictionary<Guid, Alert>();
        foreach (var (_, row) in batch)
        {
            // A clearing alone knows nothing of the value that raised.
            rows[row.Id] = row.ClearedAt is not null && rows.TryGetValue(row.Id, out var raised) && raised.Occurrences == row.Occurrences
                ? raised with { ClearedAt = row.ClearedAt }
                : row;
        }

        return [.. rows.Values];
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
            _ = progress.Task.Exception; // nobody may be waiting
        }
    }
}
