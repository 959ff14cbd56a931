using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// Flushes the rows of a partition and takes its checkpoints: starts attempts, evaluates their answers, and writes the checkpoint
/// to the store.
/// </summary>
/// <param name="budget">What the partitions of the silo share for their flushes.</param>
/// <param name="bufferCapacity">A larger lag than this makes checkpoints rarer.</param>
/// <param name="wake">Wakes the loop of the partition when an attempt has completed.</param>
internal sealed class Checkpointer(
    PartitionState state,
    CheckpointSchedule schedule,
    FlushBudget budget,
    IWindowStore store,
    ExactnessRules rules,
    int bufferCapacity,
    TimeProvider clock,
    Action wake)
{
    /// <summary>Unused grain handles are removed once in this number of attempts.</summary>
    private const int AttemptsBetweenSweeps = 64;

    private readonly AttemptGrains _grains = new();
    private CheckpointAttempt? _attempt;

    /// <inheritdoc cref="CheckpointAttempt.LocalGrains"/>
    public ILocalWindowGrains? LocalGrains { get; init; }

    /// <summary>Commits the offset of a checkpoint to the consumer group.</summary>
    public required Action<long> StoreOffset { get; init; }

    public RebalanceTimings? Timings { get; init; }

    public EndToEndLatency? Latency { get; init; }

    /// <summary>The number of checkpoint attempts so far.</summary>
    public long Attempts { get; private set; }

    public bool IsRunning => _attempt is not null;

    /// <summary>An attempt has completed, and <see cref="CompleteAsync"/> has to evaluate it.</summary>
    public bool IsCompleted => _attempt is { IsCompleted: true };

    /// <summary>Whether everything that was dispatched is checkpointed.</summary>
    public bool IsUpToDate => _attempt is null && state.IsDurable;

    /// <param name="isRequested">A checkpoint was requested before it is due by the schedule.</param>
    /// <param name="isDrained">Whether everything in the log has been dispatched.</param>
    public bool IsDue(bool isRequested, bool isDrained)
    {
        var progress = state.Progress;
        var windowsAreDue = state.OpenWindows.AreDue(progress.StreamTime);
        return (!IsUpToDate || windowsAreDue)
            && (isRequested || schedule.IsDue(progress.SinceCheckpoint, windowsAreDue, IsBehind, isDrained));
    }

    /// <summary>Whether unwritten rows are due to be flushed.</summary>
    public bool FlushIsDue => schedule.FlushIsDue(IsBehind) && state.Grains.Unflushed.Exists(static handle => handle is WindowGrainHandle);

    private bool IsBehind => state.Counters.EndOffset - state.Progress.Position > bufferCapacity;

    /// <summary>Starts a flush of the rows.</summary>
    public void StartFlush()
    {
        _grains.Clear();
        AddUnflushed(ofWindows: true);
        schedule.FlushStarted(_grains.Count);
        Start([], judgedFrom: 0, isFlush: true);
    }

    /// <summary>Starts a checkpoint attempt.</summary>
    /// <param name="judgedFrom">See <see cref="Checkpoint.JudgedFrom"/>.</param>
    /// <param name="closesAll">Closes every open window, regardless of the stream time.</param>
    /// <param name="closesNone">Leaves all windows to the next owner of the partition.</param>
    public void Start(long judgedFrom, bool closesAll, bool closesNone)
    {
        var closing = closesNone ? [] : closesAll ? state.OpenWindows.TakeAll() : state.OpenWindows.TakeDue(state.Progress.StreamTime);

        // A monitor writes what has changed for every partition that asks, and partitions that ask at the same time share the
        // write. Therefore monitors are asked first.
        _grains.Clear();
        AddUnflushed(ofWindows: false);
        AddUnflushed(ofWindows: true);
        Attempts++;
        schedule.Started(_grains.Count);
        Start(closing, judgedFrom, isFlush: false);
    }

    /// <summary>
    /// Evaluates the completed attempt between two batches: its answers must cover everything that has been sent until now.
    /// Writes the checkpoint if they do and the attempt is no flush.
    /// </summary>
    public async Task<CheckpointResult> CompleteAsync()
    {
        var attempt = _attempt!;
        _attempt = null;
        foreach (var window in attempt.NotClosed)
        {
            state.OpenWindows.Track(window.Handle, window.Start);
        }

        state.Counters.Closed += attempt.Closed;
        state.Counters.OpenWindows = state.OpenWindows.Count;
        if (attempt.Generation != state.Progress.Generation)
        {
            return new(CheckpointOutcome.Outdated);
        }

        var readingsAreMissing = EvaluateAnswers(attempt);
        schedule.Completed(attempt.IsFlush);
        if (readingsAreMissing)
        {
            return new(CheckpointOutcome.ReadingsMissing);
        }

        if (attempt.Failure is { } failure)
        {
            return new(CheckpointOutcome.Failed, FailureReason.Of(failure));
        }

        Latency?.Written(attempt.NextOffset);
        return attempt.IsFlush ? new(CheckpointOutcome.Flushed) : await TryWriteAsync(attempt);
    }

    private async Task<CheckpointResult> TryWriteAsync(CheckpointAttempt attempt)
    {
        try
        {
            if (!await WriteAsync(attempt))
            {
                return new(CheckpointOutcome.Replaced);
            }
        }
        catch (Exception e)
        {
            return new(CheckpointOutcome.Failed, FailureReason.Of(e));
        }

        state.Progress.AttemptSucceeded();
        if (Attempts % AttemptsBetweenSweeps == 0)
        {
            state.Grains.Windows.RemoveUnusedSince(Attempts - AttemptsBetweenSweeps);
        }

        return new(CheckpointOutcome.Succeeded);
    }

    private void AddUnflushed(bool ofWindows)
    {
        foreach (var handle in state.Grains.Unflushed)
        {
            if (handle is WindowGrainHandle == ofWindows)
            {
                _grains.Add(handle);
            }
        }
    }

    private void Start(List<ClosingWindow> closing, long judgedFrom, bool isFlush)
    {
        var progress = state.Progress;
        _attempt = new(state.Source, progress.Position, progress.StreamTime, _grains, closing)
        {
            Generation = progress.Generation,
            IsFlush = isFlush,
            Permits = budget.Permits,
            LocalGrains = LocalGrains,
            JudgedFrom = judgedFrom,
            Life = state.Life,
        };
        _ = _attempt.RunAsync(isFlush ? null : state.DeadLetters, isFlush || rules.CheckpointWaitsForGrains, wake);
    }

    /// <returns>Whether a grain has lost readings that it had acknowledged.</returns>
    private bool EvaluateAnswers(CheckpointAttempt attempt)
    {
        var readingsAreMissing = false;
        var grains = attempt.Grains;
        var answers = grains.Answers.Span;
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is not { } answer)
            {
                continue;
            }

            var handle = grains[i];
            readingsAreMissing |= rules.MustRewind(answer, grains.LastSentAtRequest(i));
            if (rules.Covers(answer, handle.LastSent))
            {
                handle.Previous = Marks.None;
            }
        }

        state.Grains.RemoveFlushed();
        return readingsAreMissing;
    }

    /// <summary>Writes the checkpoint to the store, and then commits its offset to the consumer group.</summary>
    /// <returns>False: the store holds a checkpoint that this loop has not written.</returns>
    private async Task<bool> WriteAsync(CheckpointAttempt attempt)
    {
        if (attempt.NextOffset <= state.Progress.Checkpointed && attempt.Closed == 0)
        {
            return true;
        }

        // A write that failed may have happened, and the loop may rewind and write a lower checkpoint after it. The refusals in between
        // are still needed, so those below the last write that succeeded are removed.
        long? removesBelow = state.Refusals.AnyBelow(state.Progress.Checkpointed) ? state.Progress.Checkpointed : null;
        var checkpoint = new Checkpoint(state.Source, attempt.NextOffset, attempt.StreamTime, state.OpenWindows.StartsFrom)
        {
            Epochs = state.Epochs,
            Token = Random.Shared.NextInt64(),
            JudgedFrom = attempt.JudgedFrom,
            RemovesRefusalsBelow = removesBelow,
            Life = state.Life,
            Replaces = [.. state.CheckpointTokens],
        };

        // A write that fails may have happened.
        state.CheckpointTokens.Add(checkpoint.Token);
        var begun = EpochTime.Now(clock);
        if (!await store.WriteCheckpointAsync(checkpoint, CancellationToken.None))
        {
            return false;
        }

        state.CheckpointTokens.RemoveRange(0, state.CheckpointTokens.Count - 1);
        state.OwnedAt = begun;
        state.Progress.CheckpointWritten(attempt.NextOffset, attempt.StreamTime);
        state.Refusals.Checkpointed(attempt.JudgedFrom, removesBelow);
        state.Counters.Checkpointed = attempt.NextOffset;
        state.Counters.CheckpointedAt = EpochTime.Now(clock);
        Timings?.Checkpointed(attempt.NextOffset);
        Latency?.Checkpointed(schedule.Elapsed);
        StoreOffset(attempt.NextOffset);
        return true;
    }
}
