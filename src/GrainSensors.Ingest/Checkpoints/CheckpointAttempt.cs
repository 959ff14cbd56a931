using System.Buffers;
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
/// <param name="grains">The grains that take part, with their answers. No call to them is under way once the attempt has completed.</param>
internal sealed class CheckpointAttempt(
    SourceId source, long nextOffset, long streamTime, AttemptGrains grains, List<ClosingWindow> closing)
{
    /// <summary>
    /// Groups in flight over all partitions that share <see cref="Permits"/>: enough to fill the group commits of the store.
    /// The garbage collector then frees the buffers of a group while they are young. With more groups the buffers reach
    /// generation 2.
    /// </summary>
    public const int MaxGroups = 16;

    /// <summary>Grains that are flushed together.</summary>
    public const int GroupSize = 128;

    private readonly WindowCloser _closer = new(source, closing);
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

    public AttemptGrains Grains => grains;

    /// <summary>Windows that did not become final. They are due again.</summary>
    public IReadOnlyList<ClosingWindow> NotClosed => _closer.NotClosed;

    /// <summary>The number of windows that became final.</summary>
    public int Closed => _closer.Closed;

    /// <summary>Why something could not be made durable. Null if every grain has answered.</summary>
    public Exception? Failure { get; private set; }

    public bool IsCompleted => _isCompleted;

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
        for (var from = 0; from < grains.Count; from += GroupSize)
        {
            await Permits.WaitAsync();
            groups.Add(FlushGroupAsync(from, Math.Min(GroupSize, grains.Count - from)));
        }

        await Task.WhenAll(groups);
    }

    /// <summary>Flushes a group. If one grain fails, the answers of the others count, and the attempt as a whole fails.</summary>
    private async Task FlushGroupAsync(int from, int count)
    {
        var local = ArrayPool<ILocalWindowGrain?>.Shared.Rent(count);
        try
        {
            List<Task>? calls = null;
            for (var i = 0; i < count; i++)
            {
                local[i] = LocalGrains is not null && grains[from + i] is WindowGrainHandle { LocalGrain: { IsLive: true } localGrain }
                    ? localGrain
                    : null;
                if (local[i] is null)
                {
                    (calls ??= []).Add(CallAsync(from + i));
                }
            }

            var called = calls?.Count ?? 0;
            if (called < count && await TryFlushLocalAsync(local.AsMemory(0, count), grains.Answers.Slice(from, count)))
            {
                for (var i = 0; i < count; i++)
                {
                    if (local[i] is not null && grains.Answers.Span[from + i] is null)
                    {
                        (calls ??= []).Add(CallAsync(from + i));
                    }
                }
            }

            await (calls is null ? Task.CompletedTask : Task.WhenAll(calls));
        }
        finally
        {
            ArrayPool<ILocalWindowGrain?>.Shared.Return(local, clearArray: true);
            Permits.Release();
        }
    }

    /// <returns>Whether no flush has failed.</returns>
    private async Task<bool> TryFlushLocalAsync(ReadOnlyMemory<ILocalWindowGrain?> local, Memory<long?> answers)
    {
        try
        {
            await LocalGrains!.FlushAsync(source, Life, local, answers);
            return true;
        }
        catch (Exception e)
        {
            Failure = e;
            return false;
        }
    }

    private async Task CallAsync(int index)
    {
        try
        {
            var answer = await grains[index].FlushAsync(source, Life);
            grains.Answers.Span[index] = answer;
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }
}
