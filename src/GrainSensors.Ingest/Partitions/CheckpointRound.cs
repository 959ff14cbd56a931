using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// One attempt to make everything below an offset durable: grains close the windows that are due and flush, dead
/// letters are awaited. Runs beside the dispatch of later batches; the loop judges the answers between two batches.
/// </summary>
internal sealed class CheckpointRound(SourceId source, long nextOffset, long streamTime, IReadOnlyList<GrainSlot> slots, List<ClosingWindow> closing)
{
    /// <summary>Calls in flight at once: enough to fill several group commits, few enough to leave grains their turns.</summary>
    private const int MaxInFlight = 2048;

    private readonly long[] _lastSent = slots.Select(slot => slot.LastSent).ToArray();
    private readonly ClosingGrain[] _closing = [.. closing.GroupBy(window => window.Slot)
        .Select(windows => new ClosingGrain(windows.Key, [.. windows.Select(w => w.Start)], windows.Key.Previous))];

    private readonly long?[] _answers = new long?[slots.Count];
    private volatile bool _isCompleted;

    public long NextOffset => nextOffset;

    public long StreamTime => streamTime;

    public int Generation { get; init; }

    public IReadOnlyList<GrainSlot> Slots => slots;

    /// <summary>Windows that did not become final; they are due again.</summary>
    public List<ClosingWindow> NotClosed { get; } = [];

    public int Closed => closing.Count - NotClosed.Count;

    /// <summary>Why something could not be made durable yet; null: every grain has answered.</summary>
    public Exception? Failure { get; private set; }

    public bool IsCompleted => _isCompleted;

    /// <returns>The grain's answer for the slot by index, null if it gave none.</returns>
    public long? Answer(int slot) => _answers[slot];

    /// <summary>The last offset that had been sent to the slot when the flush was asked for.</summary>
    public long LastSentAtRequest(int slot) => _lastSent[slot];

    public async Task RunAsync(PendingDeadLetters letters, bool flush, Action completed)
    {
        // The loop goes on meanwhile; nor may a round that has nothing to wait for run it in circles.
        await Task.Yield();
        try
        {
            await CloseAsync();
            if (flush)
            {
                await FlushAsync();
                await letters.WriteAllAsync();
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }

        _isCompleted = true;
        completed();
    }

    private async Task CloseAsync()
    {
        foreach (var chunk in _closing.Chunk(MaxInFlight))
        {
            var calls = Array.ConvertAll(chunk, closing => Attempt(() => closing.Slot.Grain.Close(source, closing.Starts, closing.Previous)));
            for (var i = 0; i < calls.Length; i++)
            {
                if (await calls[i] is not true)
                {
                    NotClosed.AddRange(chunk[i].Starts.Select(start => new ClosingWindow(chunk[i].Slot, start)));
                }
            }
        }
    }

    private async Task FlushAsync()
    {
        for (var from = 0; from < slots.Count; from += MaxInFlight)
        {
            var calls = new Task<long?>[Math.Min(MaxInFlight, slots.Count - from)];
            for (var i = 0; i < calls.Length; i++)
            {
                var slot = slots[from + i];
                calls[i] = Attempt(() => slot.FlushAsync(source));
            }

            for (var i = 0; i < calls.Length; i++)
            {
                _answers[from + i] = await calls[i];
            }
        }
    }

    /// <summary>A grain that closes windows, and the last offset that it must have seen to do so.</summary>
    private sealed record ClosingGrain(SensorSlot Slot, long[] Starts, long Previous);

    /// <summary>One grain that fails leaves the others their answers; the round as a whole has failed.</summary>
    private async Task<T?> Attempt<T>(Func<ValueTask<T>> call)
        where T : struct
    {
        try
        {
            return await call();
        }
        catch (Exception e)
        {
            Failure = e;
            return null;
        }
    }
}
