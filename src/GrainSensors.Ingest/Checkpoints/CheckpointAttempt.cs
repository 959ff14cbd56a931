using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// One attempt to make everything below an offset durable: grains close the windows that are due and flush their rows, and
/// dead letters are written. The attempt runs beside the dispatch of later batches. The loop evaluates the answers between
/// two batches.
/// </summary>
/// <remarks>A flush is an attempt of the window grains alone, and no checkpoint follows it.</remarks>
internal sealed class CheckpointAttempt(
    SourceId source, long nextOffset, long streamTime, IReadOnlyList<GrainHandle> handles, List<ClosingWindow> closing)
{
    /// <summary>
    /// Groups in flight over all partitions that share <see cref="Permits"/>: enough to fill the group commits of the store.
    /// The garbage collector then frees the buffers of a group while they are young. With more groups the buffers reach
    /// generation 2.
    /// </summary>
    public const int MaxGroups = 16;

    /// <summary>Grains that are flushed together.</summary>
    public const int GroupSize = 128;

    private readonly long[] _lastSent = handles.Select(handle => handle.LastSent).ToArray();
    private readonly WindowCloser _closer = new(source, closing);
    private readonly long?[] _answers = new long?[handles.Count];
    private volatile bool _isCompleted;

    /// <summary>Everything below this offset is durable if the attempt succeeds.</summary>
    public long NextOffset => nextOffset;

    /// <summary>The stream time at the start of the attempt, µs since the epoch.</summary>
    public long StreamTime => streamTime;

    public int Generation { get; init; }

    /// <summary>Whether no checkpoint follows.</summary>
    public bool IsFlush { get; init; }

    /// <summary>One permit for each group that the partitions of a silo may have in flight together.</summary>
    public required SemaphoreSlim Permits { get; init; }

    /// <summary>Flushes the window grains on this silo. Null if every grain is called.</summary>
    public ILocalWindowGrains? LocalGrains { get; init; }

    /// <inheritdoc cref="Checkpoint.JudgedFrom"/>
    public long JudgedFrom { get; init; }

    /// <inheritdoc cref="Checkpoint.Life"/>
    public required Guid Life { get; init; }

    /// <summary>The grains that take part.</summary>
    public IReadOnlyList<GrainHandle> Handles => handles;

    /// <summary>Windows that did not become final. They are due again.</summary>
    public IReadOnlyList<ClosingWindow> NotClosed => _closer.NotClosed;

    /// <summary>The number of windows that became final.</summary>
    public int Closed => _closer.Closed;

    /// <summary>Why something could not be made durable. Null if every grain has answered.</summary>
    public Exception? Failure { get; private set; }

    public bool IsCompleted => _isCompleted;

    /// <returns>The answer of a grain by its index in <see cref="Handles"/>. Null if the grain has not answered.</returns>
    public long? Answer(int index) => _answers[index];

    /// <summary>
    /// The last offset that had been sent to a grain when its flush was requested, by its index in <see cref="Handles"/>.
    /// </summary>
    public long LastSentAtRequest(int index) => _lastSent[index];

    /// <param name="deadLetters">Null: they are not waited for.</param>
    public async Task RunAsync(PendingDeadLetters? deadLetters, bool flush, Action completed)
    {
        // The loop continues during the attempt. An attempt without any wait would otherwise run the loop recursively.
        await Task.Yield();
        try
        {
            await _closer.RunAsync(failure => Failure = failure);
            if (flush)
            {
                await FlushAsync();
                await (deadLetters?.WriteAllAsync() ?? Task.CompletedTask);
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }

        _isCompleted = true;
        completed();
    }

    private async Task FlushAsync()
    {
        var groups = new List<Task>();
        for (var from = 0; from < handles.Count; from += GroupSize)
        {
            await Permits.WaitAsync();
            groups.Add(FlushGroupAsync(from, Math.Min(GroupSize, handles.Count - from)));
        }

        await Task.WhenAll(groups);
    }

    /// <summary>Flushes a group. If one grain fails, the answers of the others count, and the attempt as a whole fails.</summary>
    private async Task FlushGroupAsync(int from, int count)
    {
        try
        {
            var grains = new ILocalWindowGrain?[count];
            for (var i = 0; i < count; i++)
            {
                grains[i] = LocalGrains is not null && handles[from + i] is WindowGrainHandle { LocalGrain: { IsLive: true } localGrain }
                    ? localGrain
                    : null;
            }

            var calls = Enumerable.Range(0, count).Where(i => grains[i] is null).Select(i => CallAsync(from + i)).ToList();
            if (calls.Count < count)
            {
                await LocalGrains!.FlushAsync(source, Life, grains, _answers.AsMemory(from, count));
                calls.AddRange(Enumerable.Range(0, count)
                    .Where(i => grains[i] is not null && _answers[from + i] is null)
                    .Select(i => CallAsync(from + i)));
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

    private async Task CallAsync(int index)
    {
        try
        {
            _answers[index] = await handles[index].FlushAsync(source, Life);
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }
}
