using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// One attempt to make everything below an offset durable: grains close the windows that are due and flush, dead
/// letters are awaited. Runs beside the dispatch of later batches; the loop judges the answers between two batches.
/// </summary>
internal sealed class CheckpointRound(SourceId source, long nextOffset, long streamTime, IReadOnlyList<GrainSlot> slots, List<ClosingWindow> closing)
{
    /// <summary>Calls under way at once: enough to fill group commits, few enough to leave grains their turns.</summary>
    private const int MaxInFlight = 1024;

    private readonly long[] _lastSent = slots.Select(slot => slot.LastSent).ToArray();
    private readonly ClosingGrain[] _closing = [.. closing.GroupBy(window => window.Slot)
        .Select(windows => new ClosingGrain(windows.Key, [.. windows.Select(w => w.Start)], windows.Key.Previous))];

    private readonly long?[] _answers = new long?[slots.Count];
    private volatile bool _isCompleted;

    public long NextOffset => nextOffset;

    public long StreamTime => streamTime;

    public int Generation { get; init; }

    /// <summary>One for each flush that a silo's partitions may have under way together; null: each round has its own limit only.</summary>
    public SemaphoreSlim? Permits { get; init; }

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

    private Task CloseAsync() => InFlightAsync(
        _closing.Length,
        null,
        i => _closing[i].Slot.Grain.Close(source, _closing[i].Starts, _closing[i].Previous),
        (i, isClosed) =>
        {
            if (isClosed is not true)
            {
                NotClosed.AddRange(_closing[i].Starts.Select(start => new ClosingWindow(_closing[i].Slot, start)));
            }
        });

    private Task FlushAsync() => InFlightAsync(slots.Count, Permits, i => slots[i].FlushAsync(source), (i, answer) => _answers[i] = answer);

    private async Task InFlightAsync<T>(int count, SemaphoreSlim? permits, Func<int, ValueTask<T>> call, Action<int, T?> answered)
        where T : struct
    {
        var calls = new Task<T?>[Math.Min(MaxInFlight, count)];
        for (var i = 0; i < count + calls.Length; i++)
        {
            // The place of a call is free for the next one when it has been answered.
            var earlier = i - calls.Length;
            if (earlier >= 0)
            {
                answered(earlier, await calls[earlier % calls.Length]);
            }

            if (i < count)
            {
                await (permits?.WaitAsync() ?? Task.CompletedTask);
                calls[i % calls.Length] = Attempt(call, i, permits);
            }
        }
    }

    /// <summary>A grain that closes windows, and the last offset that it must have seen to do so.</summary>
    private sealed record ClosingGrain(SensorSlot Slot, long[] Starts, long Previous);

    /// <summary>One grain that fails leaves the others their answers; the round as a whole has failed.</summary>
    private async Task<T?> Attempt<T>(Func<int, ValueTask<T>> call, int index, SemaphoreSlim? permit)
        where T : struct
    {
        try
        {
            return await call(index);
        }
        catch (Exception e)
        {
            Failure = e;
            return null;
        }
        finally
        {
            permit?.Release();
        }
    }
}
