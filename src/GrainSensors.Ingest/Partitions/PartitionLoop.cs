using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Retrying;
using GrainSensors.Ingest.Status;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Processes one partition: takes batches, sends them to the window grains, closes windows that are due, and takes
/// checkpoints. The loop is one logical thread. Fetched messages, completed checkpoint attempts and ticks wake it.
/// </summary>
/// <remarks>
/// <see cref="ExactnessRules"/> holds the rules that make processing exact. In short: only durable offsets are committed.
/// When a grain cannot prove that it holds what it acknowledged, the loop rewinds to its checkpoint and sends every reading
/// again. The marks of the rows make repeated readings harmless.
/// </remarks>
internal sealed class PartitionLoop
{
    /// <summary>More rewinds than this without a successful checkpoint are slowed down, to spare a failing server.</summary>
    private const int MaxRewindsAtOnce = 3;

    private readonly PartitionContext _context;
    private readonly PartitionState _state;
    private readonly BatchStage _batches;
    private readonly CheckpointSchedule _schedule;
    private readonly Checkpointer _checkpointer;
    private readonly Backoff _backoff;

    public PartitionLoop(PartitionContext context)
    {
        _context = context;
        var (options, start) = (context.Options, context.Start);
        var idleTimeout = options.IdleTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : EpochTime.From(options.IdleTimeout);
        _state = new(
            start.Source,
            new PartitionProgress(start.StartOffset, start.StreamTime, idleTimeout),
            new PartitionGrains(options.Period, context.WindowGrainOf, context.Monitors),
            new OpenWindows(EpochTime.From(options.Grace), EpochTime.From(options.LateClosingInterval), context.Clock),
            new PendingDeadLetters(context.DeadLetters, context.Wake.Set),
            context.Counters)
        {
            Epochs = start.Epochs,
            CheckpointTokens = [start.CheckpointToken],
            Life = start.Life,
            OwnedAt = start.OwnedAt,
            Refusals = start.Refusals,
        };
        Requests = new(context.Wake, context.Clock);
        _batches = new(context, _state, Requests);
        _backoff = new(context.Clock, context.Random);
        _schedule = new(options, context.FlushBudget, context.Clock);
        _checkpointer = new(
            _state, _schedule, context.FlushBudget, context.Store, context.Rules, options.BufferCapacity, context.Clock, context.Wake.Set)
        {
            LocalGrains = context.LocalGrains,
            StoreOffset = StoreOffset,
            Timings = context.Timings,
            Latency = context.Latency,
        };
        Counters.Position = Counters.Checkpointed = start.StartOffset;
        foreach (var window in start.OpenWindows)
        {
            _state.OpenWindows.Track(_state.Grains.Windows.In(window.SensorId, window.Period), window.Start);
        }
    }

    public SourceId Source => _state.Source;

    public PartitionCounters Counters => _state.Counters;

    public LoopRequests Requests { get; }

    /// <summary>The monitors of the partition. Null without monitoring.</summary>
    public MonitorGrainHandles? Monitors => _context.Monitors;

    /// <summary>The stream time of the partition, µs since the epoch.</summary>
    public long StreamTime => _state.Progress.StreamTime;

    /// <summary>The window grains that the loop has called. They are released when the partition moves.</summary>
    public IEnumerable<IWindowGrain> Grains() => _state.Grains.Windows.All.Select(handle => handle.Grain);

    /// <returns>Completes when the loop was drained or dropped.</returns>
    public async Task RunAsync()
    {
        using var linger = new BatchLinger(_context.Buffer, Counters, _context.Wake, _context.Options, _context.Clock);
        while (!Requests.IsDropped)
        {
            try
            {
                if (!await StepAsync(linger))
                {
                    break;
                }
            }
            catch (Exception e)
            {
                // A bug rather than a failure of a server. A rewind restores a valid state regardless of the effects of the bug.
                LoopLog.Failed(_context.Logger, e, _context.Name);
                Rewind("an unexpected error invalidated the state of the loop");
                Stall("an unexpected error occurred; see the log");
            }
        }

        _context.Outages.Ended(_context.Name);
        Requests.Completed();
    }

    /// <returns>False: the loop is drained.</returns>
    private async Task<bool> StepAsync(BatchLinger linger)
    {
        var (buffer, progress) = (_context.Buffer, _state.Progress);
        if (_context.Rules.IsOtherLife(_state.Life, _context.Store.Life))
        {
            StartOver();
            return false;
        }

        if (_checkpointer.IsCompleted)
        {
            await CompleteCheckpointAsync();
        }

        Requests.DrainIfFinished(buffer);
        var (draining, waiting) = (Requests.IsDraining, _backoff.IsWaiting);
        progress.Tick(live: !waiting && !draining && _backoff.Failures == 0 && buffer.IsDrained, EpochTime.Now(_context.Clock));
        if (draining && _checkpointer.IsUpToDate)
        {
            return false;
        }

        Monitors?.AdvanceStreamTime(progress.StreamTime);
        await EndClosingAllAsync();
        if (!_checkpointer.IsRunning && !waiting)
        {
            StartWriting(draining);
        }

        // After a failed attempt nothing is dispatched until an attempt succeeds, so that the amount to write stays bounded.
        var mayDispatch = !draining && !_state.DeadLetters.AreTooMany && _backoff.Failures == 0;
        var isDue = mayDispatch && (Requests.DispatchesWithoutWaiting || linger.IsOver(_state.Grains.Windows.Count));
        if (isDue && buffer.Take(_batches.Group, _batches.TakesLaterForm()) is { } batch)
        {
            _schedule.Dispatched();
            await DispatchAsync(batch);
            return true;
        }

        if (!_checkpointer.IsCompleted)
        {
            await _context.Wake.WaitAsync();
        }

        return true;
    }

    private async Task DispatchAsync(FetchedBatch batch)
    {
        switch (await _batches.DispatchAsync(batch, _checkpointer.Attempts))
        {
            case DispatchOutcome.Gap:
                await RewindAfterGapAsync();
                break;
            case DispatchOutcome.Replaced:
                StartOver();
                break;
        }
    }

    /// <summary>Answers the request to close all windows if all are closed.</summary>
    private async Task EndClosingAllAsync()
    {
        if (Requests.IsClosingAll && _checkpointer.IsUpToDate && _state.OpenWindows.Count == 0 && _context.Buffer.IsDrained)
        {
            await (Monitors?.AdvanceAllAsync(_state.Progress.StreamTime) ?? Task.CompletedTask);
            Requests.AllClosed();
        }
    }

    private bool CheckpointIsDue(bool draining)
    {
        if (draining || _backoff.Failures > 0 || _state.DeadLetters.HaveFailed || _state.Refusals.AreMany)
        {
            return true;
        }

        return Requests.IsClosingAll
            ? _state.OpenWindows.Count > 0 || !_checkpointer.IsUpToDate
            : _checkpointer.IsDue(Requests.CheckpointIsRequested, _context.Buffer.IsDrained);
    }

    private void StartWriting(bool draining)
    {
        if (CheckpointIsDue(draining))
        {
            _checkpointer.Start(_batches.JudgedFrom, closesAll: Requests.IsClosingAll, closesNone: draining);
            Requests.CheckpointStarted();
        }
        else if (_checkpointer.FlushIsDue)
        {
            _checkpointer.StartFlush();
        }
    }

    private async Task CompleteCheckpointAsync()
    {
        var result = await _checkpointer.CompleteAsync();
        switch (result.Outcome)
        {
            case CheckpointOutcome.ReadingsMissing:
                Rewind("a grain lost readings that were not durable yet");
                break;
            case CheckpointOutcome.Replaced:
                StartOver();
                break;
            case CheckpointOutcome.Failed:
                Stall(result.Failure!);
                break;
            case CheckpointOutcome.Succeeded:
                _backoff.Succeeded();
                _context.Recovered();
                break;
        }
    }

    private void StoreOffset(long nextOffset)
    {
        if (!Requests.IsDropped)
        {
            _context.Consumer.StoreOffset(nextOffset);
        }
    }

    private void Rewind(string reason)
    {
        var progress = _state.Progress;
        LoopLog.Rewound(_context.Logger, _context.Name, progress.Checkpointed, reason);
        _state.Refusals.Rewind(Math.Max(progress.Position, _context.Buffer.FetchedTo));
        var rewinds = progress.Rewind(_context.Buffer.Rewind());
        _state.Grains.ForgetAcknowledgements();
        _batches.Rewound();
        _context.Timings?.Rewound();
        _context.Latency?.Rewound();
        Counters.Position = progress.Position;
        Counters.Rewinds++;
        _context.Consumer.Seek(progress.Checkpointed, progress.Generation);
        if (rewinds > MaxRewindsAtOnce)
        {
            Stall($"{rewinds} rewinds without a successful checkpoint, the last one because {reason}");
        }
    }

    private async Task RewindAfterGapAsync()
    {
        try
        {
            // The grain may know that the store has another life. The next step compares it.
            await _context.Store.ReadLifeAsync(CancellationToken.None);
        }
        catch (WindowStoreUnavailableException)
        {
            // The next gap asks again.
        }

        Rewind("a grain is missing readings that it had acknowledged");
    }

    /// <summary>Ends the loop: what it knows of the store is no longer true.</summary>
    private void StartOver()
    {
        LoopLog.StartsOver(_context.Logger, _context.Name, _state.Progress.Checkpointed);
        Requests.Drop();
        _context.Consumer.StartOver();
    }

    private void Stall(string reason)
    {
        _backoff.Failed();
        _context.Stalled(reason);
    }
}
