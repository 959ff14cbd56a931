using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// One attempt to make everything below an offset durable: grains close the windows that are due and flush, dead
/// letters are awaited. Runs beside the dispatch of later batches; the loop judges the answers between two batches.
/// </summary>
internal sealed class CheckpointAttempt(SourceId source, long nextOffset, long streamTime, IReadOnlyList<GrainHandle> slots, List<ClosingWindow> closing)
{
    /// <summary>
    /// Groups of all partitions that are under way at once where <see cref="Permits"/> are shared: enough to fill the group commits of the
    /// store. What each grain holds on to until its rows are written dies young then; with many more of them it lives long enough to be taken for
    /// one of the grains.
    /// </summary>
    public const int MaxGroups = 16;

    /// <summary>Grains that are flushed together.</summary>
    public const int GroupSize = 128;

    /// <summary>Calls that close windows under way at once.</summary>
    private const int MaxInFlight = 1024;

    private readonly long[] _lastSent = slots.Select(slot => slot.LastSent).ToArray();
    private readonly ClosingGrain[] _closing = [.. closing.GroupBy(window => window.Slot)
        .Select(windows => new ClosingGrain(windows.Key, [.. windows.Select(w => w.Start)], windows.Key.Previous))];

    private readonly long?[] _answers = new long?[slots.Count];
    private volatile bool _isCompleted;

    public long NextOffset => nextOffset;

    public long StreamTime => streamTime;

    public int Generation { get; init; }

    /// <summary>One for each group that the partitions of a silo may have under way together.</summary>
    public required SemaphoreSlim Permits { get; init; }

    /// <summary>Flushes the window grains on this silo; null: all are called.</summary>
    public ILocalWindowGrains? Activations { get; init; }

    public IReadOnlyList<GrainHandle> Slots => slots;

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
        var calls = new Task<bool>[Math.Min(MaxInFlight, _closing.Length)];
        for (var i = 0; i < _closing.Length + calls.Length; i++)
        {
            // The place of a call is free for the next one when it has been answered.
            var earlier = i - calls.Length;
            if (earlier >= 0 && !await calls[earlier % calls.Length])
            {
                NotClosed.AddRange(_closing[earlier].Starts.Select(start => new ClosingWindow(_closing[earlier].Slot, start)));
            }

            if (i < _closing.Length)
            {
                calls[i % calls.Length] = CloseAsync(_closing[i]);
            }
        }
    }

    private async Task<bool> CloseAsync(ClosingGrain grain)
    {
        try
        {
            return await grain.Slot.Grain.Close(source, grain.Starts, grain.Previous);
        }
        catch (Exception e)
        {
            Failure = e;
            return false;
        }
    }

    private async Task FlushAsync()
    {
        var groups = new List<Task>();
        for (var from = 0; from < slots.Count; from += GroupSize)
        {
            await Permits.WaitAsync();
            groups.Add(FlushGroupAsync(from, Math.Min(GroupSize, slots.Count - from)));
        }

        await Task.WhenAll(groups);
    }

    /// <summary>A grain that fails leaves the others their answers; the round as a whole has failed.</summary>
    private async Task FlushGroupAsync(int from, int count)
    {
        try
        {
            var grains = new ILocalWindowGrain?[count];
            for (var i = 0; i < count; i++)
            {
                grains[i] = Activations is not null && slots[from + i] is WindowGrainHandle { Activation: { IsLive: true } activation } ? activation : null;
            }

            var calls = Enumerable.Range(0, count).Where(i => grains[i] is null).Select(i => CallAsync(from + i)).ToList();
            if (calls.Count < count)
            {
                await Activations!.FlushAsync(source, grains, _answers.AsMemory(from, count));
                calls.AddRange(Enumerable.Range(0, count).Where(i => grains[i] is not null && _answers[from + i] is null).Select(i => CallAsync(from + i)));
            }

            await Task.WhenAll(calls);
        }
        catch (Exception e)
        {
            Failure = e;
        }
        finally
        {
            Permits.Release();
        }
    }

    private async Task CallAsync(int slot)
    {
        try
        {
            _answers[slot] = await slots[slot].FlushAsync(source);
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }

    /// <summary>A grain that closes windows, and the last offset that it must have seen to do so.</summary>
    private sealed record ClosingGrain(WindowGrainHandle Slot, long[] Starts, long Previous);
}
