using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Works off one partition: takes batches, hands them to the window grains, closes windows that are due, and
/// takes checkpoints. One logical thread, woken by what was fetched, by a round that completed, and by time.
/// </summary>
/// <remarks>
/// The rules that make it exact are in <see cref="ExactnessRules"/>. In short: nothing is committed that is not
/// durable, and whenever a grain cannot prove that it holds what it acknowledged, the loop goes back to its
/// checkpoint and sends everything again, which the marks of the rows make harmless.
/// </remarks>
internal sealed partial class PartitionLoop
{
    /// <summary>Unused slots are looked for once in so many rounds.</summary>
    private const int RoundsBetweenSweeps = 64;

    /// <summary>Rewinding more often than this without progress only makes work for whoever is in trouble.</summary>
    private const int MaxRewindsAtOnce = 3;

    private readonly SourceId _source;
    private readonly PartitionBuffer _buffer;
    private readonly Signal _wake;
    private readonly IPartitionConsumer _consumer;
    private readonly IWindowStore _store;
    private readonly IngestOptions _options;
    private readonly ExactnessRules _rules;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly WindowGrainHandles _slots;
    private readonly SensorGrouping _grouping = new();
    private readonly Action<ReadOnlySpan<Reading>> _group;
    private readonly BatchDispatch _dispatch;
    private readonly OpenWindows _open = new();
    private readonly PendingDeadLetters _letters;
    private readonly long _idleTimeout;
    private readonly CheckpointSchedule _pace;
    private readonly Backoff _backoff;
    private readonly Backoff _dispatchBackoff;
    private readonly long _grace;
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<GrainHandle> _unflushed = [];
    private CheckpointAttempt? _round;
    private long _roundNumber;
    private long _position;
    private long _checkpointed;
    private long _countedThrough;
    private long _checkpointedTime;
    private StreamTime _streamTime;
    private long _lettersThrough;
    private int _generation;
    private int _rewindsInARow;
    private volatile bool _draining;
    private volatile bool _finishing;
    private volatile bool _dropped;
    private volatile bool _checkpointIsWanted;
    private volatile TaskCompletionSource? _closeAll;

    public PartitionLoop(
        StartPosition assignment,
        PartitionBuffer buffer,
        Signal wake,
        IPartitionConsumer consumer,
        Func<int, Period, IWindowGrain> grainOf,
        IWindowStore store,
        IDeadLetterSink deadLetters,
        PartitionCounters counters,
        IngestOptions options,
        ExactnessRules rules,
        TimeProvider clock,
        ILogger logger)
    {
        _source = assignment.Source;
        Counters = counters;
        _buffer = buffer;
        _wake = wake;
        _consumer = consumer;
        _store = store;
        _options = options;
        _rules = rules;
        _clock = clock;
        _logger = logger;
        _slots = new(options.Period, grainOf);
        _group = Group;
        _dispatch = new(_source, _grouping, rules);
        _letters = new(deadLetters);
        _pace = new(options, clock);
        _backoff = new(clock);
        _dispatchBackoff = new(clock);
        _grace = EpochTime.From(options.Grace);
        _idleTimeout = options.IdleTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : EpochTime.From(options.IdleTimeout);
        _checkpointedTime = assignment.StreamTime;
        _streamTime = new(_idleTimeout, _checkpointedTime);
        _position = _checkpointed = _countedThrough = _lettersThrough = assignment.StartOffset;
        Counters.Position = Counters.Checkpointed = _position;
        foreach (var window in assignment.OpenWindows)
        {
            var period = Period.FromMicros(window.End - window.Start);
            _open.Track(_slots.In(window.SensorId, period), window.Start);
        }
    }

    public PartitionCounters Counters { get; }

    /// <summary>The window grains on this silo; null: all are called.</summary>
    public ILocalWindowGrains? Activations
    {
        get => _dispatch.Activations;
        init => _dispatch.Activations = value;
    }

    /// <summary>Told of what is taken while somebody watches.</summary>
    public LatestReadings? Latest { get; init; }

    /// <summary>Told of what the loop achieves after its start.</summary>
    public RebalanceTimings? CatchUp { get; init; }

    /// <inheritdoc cref="CheckpointAttempt.Permits"/>
    public SemaphoreSlim FlushPermits { get; init; } = new(CheckpointAttempt.MaxGroups);

    /// <summary>Null: sensors are not watched.</summary>
    public MonitorGrainHandles? Monitors { get; init; }

    /// <summary>Told of what is dispatched, and when it is durable.</summary>
    public EndToEndLatency? Durability { get; init; }

    public SourceId Source => _source;

    /// <summary>µs since the epoch.</summary>
    public long StreamTime => _streamTime.Current;

    /// <summary>When the loop was first told to drain, a timestamp of the clock; null: not yet.</summary>
    public long? DrainingSince { get; private set; }

    /// <summary>Drained or given up.</summary>
    public bool IsCompleted => _completed.Task.IsCompleted;

    /// <summary>Time has passed: look what is due.</summary>
    public void Tick() => _wake.Set();

    /// <summary>Takes a checkpoint of what has been taken as soon as none is under way, whatever the interval.</summary>
    public void WantCheckpoint()
    {
        _checkpointIsWanted = true;
        _wake.Set();
    }

    /// <summary>Stops taking batches, makes everything durable that was taken, and checkpoints it.</summary>
    /// <returns>When that is done.</returns>
    public Task DrainAsync()
    {
        if (!_draining)
        {
            DrainingSince = _clock.GetTimestamp();
        }

        _draining = true;
        _wake.Set();
        return _completed.Task;
    }

    /// <summary>As <see cref="DrainAsync"/>, but what was fetched is still taken.</summary>
    public Task FinishAsync()
    {
        _finishing = true;
        _wake.Set();
        return _completed.Task;
    }

    /// <summary>Gives the partition up where it stands: another member works it off from the last checkpoint.</summary>
    public void Drop()
    {
        _dropped = true;
        _wake.Set();
    }

    /// <summary>Closes every open window now, whatever the stream time.</summary>
    /// <returns>When all of them are final and everything fetched is checkpointed, or the partition is here no more.</returns>
    public Task CloseAllAsync()
    {
        var request = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var current = Interlocked.CompareExchange(ref _closeAll, request, null) ?? request;
        _wake.Set();
        if (IsCompleted)
        {
            current.TrySetResult();
        }

        return current.Task;
    }

    /// <summary>The grains that the loop has talked to, for their release when the partition moves.</summary>
    public IEnumerable<IWindowGrain> Grains() => _slots.All.Select(slot => slot.Grain);

    public async Task RunAsync()
    {
        using var linger = new BatchLinger(_buffer, Counters, _wake, _options, _clock);
        while (!_dropped)
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
                // A defect rather than a fault; going back to the checkpoint is right whatever state it left.
                LogDefect(_logger, e, _source.Partition);
                Rewind("nothing can be trusted after an unexpected error");
                Stall("an unexpected error, see the log");
            }
        }

        _completed.TrySetResult();
        _closeAll?.TrySetResult();
    }

    /// <returns>False: drained.</returns>
    private async Task<bool> StepAsync(BatchLinger linger)
    {
        if (_round is { IsCompleted: true } round)
        {
            _round = null;
            await SettleAsync(round);
        }

        if (_finishing && _buffer.Count == 0)
        {
            _draining = true;
        }

        var stalled = _backoff.IsWaiting;
        _streamTime.Tick(live: !stalled && !_draining && _backoff.Failures == 0 && _buffer.IsDrained, EpochTime.Now(_clock));
        if (_draining && IsUpToDate)
        {
            return false;
        }

        Monitors?.AdvanceStreamTime(_streamTime.Current);
        if (_closeAll is { } request && IsUpToDate && _open.Count == 0 && _buffer.IsDrained)
        {
            await (Monitors?.AdvanceAllAsync(_streamTime.Current) ?? Task.CompletedTask);
            _closeAll = null;
            request.TrySetResult();
        }

        if (_round is null && !stalled && RoundIsDue())
        {
            StartRound();
        }

        // After a failed round nothing is taken until one succeeds: what could not be written must not grow.
        var mayTake = !_draining && !_letters.AreTooMany && _backoff.Failures == 0;
        if (mayTake && linger.IsOver(_slots.Count) && _buffer.Take(_group) is { } batch)
        {
            await DispatchAsync(batch);
            return true;
        }

        if (_round is not { IsCompleted: true })
        {
            await _wake.WaitAsync();
        }

        return true;
    }

    private bool IsUpToDate => _round is null && _checkpointed == _position && _unflushed.Count == 0 && _letters.IsEmpty;

    private bool RoundIsDue()
    {
        if (_draining || _backoff.Failures > 0 || _letters.AreTooMany)
        {
            return true;
        }

        if (_closeAll is not null)
        {
            return _open.Count > 0 || !IsUpToDate;
        }

        var windowsAreDue = _open.EarliestEnd <= _streamTime.Current - _grace;
        return (!IsUpToDate || windowsAreDue)
            && (_checkpointIsWanted || _pace.IsDue(_position - _checkpointed, windowsAreDue, isBehind: Counters.EndOffset - _position > _options.BufferCapacity));
    }

    private void StartRound()
    {
        var bound = _closeAll is not null ? long.MaxValue : _streamTime.Current - _grace;
        var closing = _draining ? [] : _open.TakeDue(bound);

        // Monitors write all that they hold, for every partition that asks: those that ask at once share it, so they ask first.
        GrainHandle[] slots = [.. _unflushed.Where(slot => slot is not WindowGrainHandle), .. _unflushed.Where(slot => slot is WindowGrainHandle)];
        _round = new(_source, _position, _streamTime.Current, slots, closing) { Generation = _generation, Permits = FlushPermits, Activations = Activations };
        _roundNumber++;
        _checkpointIsWanted = false;
        _pace.Started();
        _ = _round.RunAsync(_letters, _rules.CheckpointWaitsForGrains, _wake.Set);
    }

    /// <summary>Judges the answers of a round, between two batches: what was sent until now is what they must cover.</summary>
    private async Task SettleAsync(CheckpointAttempt round)
    {
        foreach (var window in round.NotClosed)
        {
            _open.Track(window.Slot, window.Start);
        }

        Counters.Closed += round.Closed;
        Counters.OpenWindows = _open.Count;
        if (round.Generation != _generation)
        {
            return;
        }

        var rewind = false;
        for (var i = 0; i < round.Slots.Count; i++)
        {
            if (round.Answer(i) is not { } answer)
            {
                continue;
            }

            var slot = round.Slots[i];
            rewind |= _rules.MustRewind(answer, round.LastSentAtRequest(i));
            if (_rules.Covers(answer, slot.LastSent))
            {
                slot.Previous = Marks.None;
            }
        }

        _unflushed.RemoveAll(slot => slot.Previous == Marks.None);
        _pace.Completed();
        if (rewind)
        {
            Rewind("a grain could not vouch for what it had acknowledged");
            return;
        }

        if (round.Failure is { } failure)
        {
            Stall(failure.Message);
            return;
        }

        try
        {
            await CheckpointAsync(round);
        }
        catch (Exception e)
        {
            Stall(e.Message);
            return;
        }

        _backoff.Succeeded();
        _rewindsInARow = 0;
        Counters.Trouble = null;
        if (_roundNumber % RoundsBetweenSweeps == 0)
        {
            _slots.DropUnusedSince(_roundNumber - RoundsBetweenSweeps);
        }
    }

    private async Task CheckpointAsync(CheckpointAttempt round)
    {
        if (round.NextOffset > _checkpointed || round.Closed > 0)
        {
            var checkpoint = new Checkpoint(_source, round.NextOffset, round.StreamTime, _open.StartsFrom);
            await _store.WriteCheckpointAsync(checkpoint, CancellationToken.None);
            _checkpointed = Counters.Checkpointed = round.NextOffset;
            _checkpointedTime = round.StreamTime;
            Counters.CheckpointedAt = EpochTime.Now(_clock);
            CatchUp?.Checkpointed(_checkpointed);
            Durability?.Checkpointed(_checkpointed, _pace.Elapsed);
            if (!_dropped)
            {
                _consumer.MarkDone(_checkpointed);
            }
        }
    }

    private void Group(ReadOnlySpan<Reading> readings)
    {
        _grouping.Reserve(_buffer.Room);
        _grouping.Run(readings, _slots.Of, Monitors);
    }

    /// <param name="batch">Its readings are grouped.</param>
    private async Task DispatchAsync(FetchedBatch batch)
    {
        var nextOffset = batch.NextOffset;
        var wallClock = EpochTime.Now(_clock);
        foreach (var letter in batch.Rejected)
        {
            if (letter.Offset >= _lettersThrough)
            {
                _letters.Add(letter);
                _lettersThrough = letter.Offset + 1;
                Counters.Rejects.Add(letter.Reason);
            }
        }

        var groups = _grouping.Groups;
        var (maxEventTime, readings, late, unknown) = Prepare(groups);
        Counters.OpenWindows = _open.Count;
        if (groups.Count > 0)
        {
            var streamTime = _streamTime.Current;
            _streamTime.Observe(maxEventTime, wallClock);
            if (Latest is { IsWatched: true } latest)
            {
                latest.Take(groups, _grouping.Sorted);
            }

            CatchUp?.Sending();
            var outcome = await _dispatch.SendAsync(groups, streamTime, PauseAfterFailureAsync);
            CatchUp?.Sent(unknown);
            if (_dispatchBackoff.Failures > 0 && outcome != BatchDispatch.Outcome.GivenUp)
            {
                _dispatchBackoff.Succeeded();
                Counters.Trouble = null;
            }

            if (outcome == BatchDispatch.Outcome.Gap)
            {
                Rewind("a grain missed readings that it had acknowledged");
                return;
            }

            if (outcome == BatchDispatch.Outcome.GivenUp)
            {
                return;
            }
        }

        Counters.Readings += readings;
        Counters.Late += late;
        Durability?.Dispatched(batch, nextOffset);
        _position = Counters.Position = nextOffset;
        _countedThrough = Math.Max(_countedThrough, nextOffset);
    }

    /// <summary>Tracks the windows that the readings fall into.</summary>
    /// <returns>The greatest event time, how many readings were not there before a rewind, how many of these come late, and how many grains have acknowledged nothing yet.</returns>
    private (long MaxEventTime, long Readings, long Late, int Unknown) Prepare(List<SensorGrouping.Group> groups)
    {
        var size = _options.Period.TotalMicros;
        var due = _streamTime.Current - _grace - size;
        var (maxEventTime, counted, late, unknown) = (long.MinValue, 0L, 0L, 0);
        foreach (var (slot, from, count) in groups)
        {
            if (slot.Previous == Marks.None)
            {
                _unflushed.Add(slot);
            }

            unknown += slot.LastSent == Marks.None ? 1 : 0;
            slot.LastRound = _roundNumber;
            var start = long.MinValue;
            foreach (ref readonly var reading in _grouping.Sorted.AsSpan(from, count))
            {
                maxEventTime = Math.Max(maxEventTime, reading.Timestamp);
                if (start == long.MinValue || reading.Timestamp < start || reading.Timestamp >= start + size)
                {
                    start = _options.Period.StartOf(reading.Timestamp);
                    _open.Track(slot, start);
                }

                if (reading.Offset >= _countedThrough)
                {
                    counted++;
                    late += start <= due ? 1 : 0;
                }
            }
        }

        foreach (var (monitor, _, _, _) in _grouping.Monitors)
        {
            ((MonitorGrainHandle)monitor).ReceivesTime = true;
            if (monitor.Previous == Marks.None)
            {
                _unflushed.Add(monitor);
            }
        }

        return (maxEventTime, counted, late, unknown);
    }

    private void Rewind(string reason)
    {
        LogRewind(_logger, _source.Partition, _checkpointed, reason);
        _generation = _buffer.Rewind();
        _position = Counters.Position = _checkpointed;

        // Ahead of what is sent again, it would make sensors silent that are about to be heard, here and in the next checkpoint.
        _streamTime = new(_idleTimeout, _checkpointedTime);
        _slots.ForgetAcknowledgements();
        Monitors?.ForgetAcknowledgements();
        _unflushed = [];
        CatchUp?.Rewound();
        Durability?.Rewound();
        Counters.Rewinds++;
        _consumer.Seek(_checkpointed, _generation);
        if (++_rewindsInARow > MaxRewindsAtOnce)
        {
            Stall($"{_rewindsInARow} rewinds without a checkpoint between them; the last because {reason}");
        }
    }

    private void Stall(string reason)
    {
        _backoff.Failed();
        Counters.Trouble = reason;
        LogStalled(_logger, _source.Partition, reason);
    }

    /// <returns>False: the partition was given up while waiting.</returns>
    private async Task<bool> PauseAfterFailureAsync(Exception failure)
    {
        _dispatchBackoff.Failed();
        Counters.Trouble = failure.Message;
        LogStalled(_logger, _source.Partition, failure.Message);
        while (_dispatchBackoff.IsWaiting && !_dropped)
        {
            await _wake.WaitAsync();
        }

        return !_dropped;
    }

    [LoggerMessage(1100, LogLevel.Information, "Partition {Partition} goes back to offset {Offset}: {Reason}")]
    private static partial void LogRewind(ILogger logger, int partition, long offset, string reason);

    [LoggerMessage(1101, LogLevel.Warning, "Partition {Partition} waits and tries again: {Reason}")]
    private static partial void LogStalled(ILogger logger, int partition, string reason);

    [LoggerMessage(1102, LogLevel.Error, "Partition {Partition} goes back to its checkpoint after an unexpected error")]
    private static partial void LogDefect(ILogger logger, Exception exception, int partition);
}
