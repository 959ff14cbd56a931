using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Retrying;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Takes a batch through a partition: groups its readings by sensor, tracks their windows, and sends them to the grains.</summary>
internal sealed class BatchStage
{
    private readonly PartitionContext _context;
    private readonly PartitionState _state;
    private readonly LoopRequests _requests;
    private readonly SensorGrouping _grouping = new();
    private readonly BatchDispatch _dispatch;
    private readonly BatchNaming _naming;
    private readonly Backoff _backoff;
    private readonly Period _period;
    private readonly Func<Exception, Task<bool>> _pauseAfterFailure;
    private long _takenAt;

    /// <summary>The store has confirmed the ownership since the silo had learned so many numbers of names.</summary>
    private long _namesProven = -1;

    public BatchStage(PartitionContext context, PartitionState state, LoopRequests requests)
    {
        (_context, _state, _requests, _period) = (context, state, requests, context.Options.Period);
        _dispatch = new(state.Source, state.Life, _grouping, context.Rules, context.LocalGrains);
        _naming = new(context.Names, context.Discovery, context.Clock);
        _backoff = new(context.Clock, context.Random);
        _pauseAfterFailure = e => PauseAsync(FailureReason.Of(e));
        _takenAt = EpochTime.Now(context.Clock);
        Group = GroupReadings;
    }

    /// <summary>Copies the readings of the next batch. To be called by <see cref="PartitionBuffer.Take"/>.</summary>
    public Action<FetchedBatch, ReadingBatch> Group { get; }

    /// <inheritdoc cref="Refusals.JudgedFrom"/>
    /// <remarks>What waits was fetched since the last batch was taken.</remarks>
    public long JudgedFrom => _state.Refusals.JudgedFrom(
        _state.Progress.Position, _context.Buffer.Count == 0 ? EpochTime.Now(_context.Clock) : _takenAt);

    /// <returns>
    /// Whether batches of a later form may be taken. Until every silo knows it they wait, and the loop does everything else.
    /// </returns>
    public bool TakesLaterForm()
    {
        var isKnown = _context.LaterFormIsKnown?.Invoke() != false;
        _state.Counters.Waiting = !isKnown && _context.Buffer.IsOfLaterForm
            ? "readings of named sensors or discovered measurements wait until every silo has the present version"
            : null;
        return isKnown;
    }

    /// <summary>The messages from the checkpoint on are read again.</summary>
    public void Rewound() => _naming.Forget();

    /// <summary>Sends a batch to its grains.</summary>
    /// <param name="batch">A batch whose readings were copied.</param>
    /// <param name="attempts">The number of checkpoint attempts so far.</param>
    public async Task<DispatchOutcome> DispatchAsync(FetchedBatch batch, long attempts)
    {
        var nextOffset = batch.NextOffset;
        _takenAt = EpochTime.Now(_context.Clock);
        if (!await NameAsync(batch))
        {
            return DispatchOutcome.Revoked;
        }

        var proves = batch.HasNames && _context.Names is { } names && _context.Rules.MustProveNames(names.Learned, _namesProven);
        if ((proves || batch.Rejected.Count > 0)
            && await StoreNewRefusalsAsync(batch, proves) is var stored and not DispatchOutcome.Applied)
        {
            return stored;
        }

        WriteDeadLetters(batch);

        var (progress, counters, groups) = (_state.Progress, _state.Counters, _grouping.Groups);
        var tracked = TrackWindows(groups, attempts);
        counters.OpenWindows = _state.OpenWindows.Count;
        if (groups.Count > 0 && await SendAsync(tracked) is var sent and not DispatchOutcome.Applied)
        {
            return sent;
        }

        counters.Readings += tracked.Readings;
        counters.Late += tracked.Late;
        _context.Latency?.Dispatched(batch.Count, batch.AppendedAt, batch.Followed, nextOffset);
        progress.Dispatched(nextOffset);
        counters.Position = nextOffset;
        return DispatchOutcome.Applied;
    }

    private void GroupReadings(FetchedBatch batch, ReadingBatch readings)
    {
        if (_naming.TryHold(batch, readings))
        {
            return;
        }

        _grouping.Reserve(_context.Buffer.Room);
        _grouping.Run(readings, _state.Grains.Windows.Of, _state.Grains.Monitors);
        _context.FlushBudget.Measured(_grouping.Sorted.Count, _grouping.Sorted.ValueCount);
    }

    /// <summary>Groups the readings of a batch in which sensors had no number, or measurements were not stored.</summary>
    /// <returns>False: the partition was revoked.</returns>
    private async Task<bool> NameAsync(FetchedBatch batch)
    {
        while (_naming.IsHolding)
        {
            try
            {
                GroupReadings(batch, await _naming.NameAsync(batch));
                Recovered();
            }
            catch (WindowStoreUnavailableException e)
            {
                if (!await PauseAsync(FailureReason.Of(e)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private async Task<DispatchOutcome> SendAsync(TrackedBatch tracked)
    {
        if (MustProveOwnership(tracked) && await StoreAsync([]) is var outcome and not DispatchOutcome.Applied)
        {
            return outcome;
        }

        var streamTime = _state.Progress.StreamTime;
        _state.Progress.Observe(tracked.MaxEventTime, _takenAt);
        if (_context.Latest is { IsWatched: true } latest)
        {
            latest.Take(_context.Name, _grouping.Groups, _grouping.Sorted);
        }

        _context.Timings?.Sending();
        var sent = await _dispatch.SendAsync(_grouping.Groups, streamTime, _pauseAfterFailure);
        _context.Timings?.Sent(tracked.NewGrains);
        if (sent != DispatchOutcome.Revoked)
        {
            Recovered();
        }

        return sent;
    }

    /// <summary>Stores the new refusals of a batch in one statement.</summary>
    /// <remarks>
    /// Readings that follow in the same window raise its mark. A refused message that was accepted afterwards would be below the mark
    /// and be lost.
    /// </remarks>
    /// <param name="proves">Whether to prove ownership in any case, <see cref="ExactnessRules.MustProveNames"/>.</param>
    private Task<DispatchOutcome> StoreNewRefusalsAsync(FetchedBatch batch, bool proves)
    {
        var refusals = batch.Rejected.SelectMany(deadLetter => deadLetter.Refusals)
            .Where(refusal => _state.Refusals.Find(refusal.Offset, refusal.Index) is null).ToList();
        return proves || refusals.Count > 0 ? StoreAsync(refusals) : Task.FromResult(DispatchOutcome.Applied);
    }

    /// <summary>Stores refusals, which may be none, if the store holds a checkpoint of this loop.</summary>
    private async Task<DispatchOutcome> StoreAsync(List<Refusal> refusals)
    {
        while (true)
        {
            try
            {
                var (begun, learned) = (EpochTime.Now(_context.Clock), _context.Names?.Learned ?? 0);
                if (!await _context.Store.WriteRefusalsAsync(
                    _state.Source, refusals, _state.CheckpointTokens, _state.Life, CancellationToken.None))
                {
                    return DispatchOutcome.Replaced;
                }

                (_state.OwnedAt, _namesProven) = (begun, learned);
                Recovered();
                return DispatchOutcome.Applied;
            }
            catch (WindowStoreUnavailableException e)
            {
                if (!await PauseAsync(FailureReason.Of(e)))
                {
                    return DispatchOutcome.Revoked;
                }
            }
        }
    }

    /// <inheritdoc cref="ExactnessRules.MustProveOwnership"/>
    private bool MustProveOwnership(TrackedBatch batch) =>
        _context.Rejection?.MayBeRejected(batch.MinEventTime, batch.MaxEventTime, _state.OwnedAt, _takenAt) is var (tooEarly, tooLate)
        && _context.Rules.MustProveOwnership(tooEarly, tooLate);

    private void WriteDeadLetters(FetchedBatch batch)
    {
        List<DeadLetter>? deadLetters = null;
        foreach (var deadLetter in batch.Rejected)
        {
            // Of a message with refused readings, all are refused again; its letter is new if one of them is.
            var isNew = deadLetter.Refusals.Count > 0
                ? deadLetter.Refusals.Select(_state.Refusals.TryAdd).ToList().Contains(true)
                : _state.Progress.TryAddDeadLetter(deadLetter.Offset);
            if (isNew)
            {
                (deadLetters ??= []).Add(deadLetter);
                _state.Counters.Rejects.Add(deadLetter.Reason);
            }
        }

        if (deadLetters is not null)
        {
            _state.DeadLetters.Add(deadLetters);
        }
    }

    /// <summary>Tracks the windows that the readings fall into, and counts the readings that were not counted before a rewind.</summary>
    private TrackedBatch TrackWindows(List<SensorGrouping.Group> groups, long attempts)
    {
        var (size, countedThrough, unflushed) = (_period.TotalMicros, _state.Progress.CountedThrough, _state.Grains.Unflushed);
        var latestLateStart = _state.OpenWindows.LatestDueEnd(_state.Progress.StreamTime) - size;
        var (minEventTime, maxEventTime, counted, late, newGrains) = (long.MaxValue, long.MinValue, 0L, 0L, 0);
        foreach (var (handle, from, count) in groups)
        {
            if (handle.Previous == Marks.None)
            {
                unflushed.Add(handle);
            }

            newGrains += handle.LastSent == Marks.None ? 1 : 0;
            handle.LastAttempt = attempts;
            var start = long.MinValue;
            foreach (ref readonly var reading in _grouping.Sorted.Readings.Slice(from, count))
            {
                minEventTime = Math.Min(minEventTime, reading.Timestamp);
                maxEventTime = Math.Max(maxEventTime, reading.Timestamp);
                if (start == long.MinValue || reading.Timestamp < start || reading.Timestamp >= start + size)
                {
                    start = _period.StartOf(reading.Timestamp);
                    _state.OpenWindows.Track(handle, start, isLate: start <= latestLateStart);
                }

                if (reading.Offset >= countedThrough)
                {
                    counted++;
                    late += start <= latestLateStart ? 1 : 0;
                }
            }
        }

        foreach (var (handle, _, _, _) in _grouping.Monitors)
        {
            ((MonitorGrainHandle)handle).ReceivesTime = true;
            if (handle.Previous == Marks.None)
            {
                unflushed.Add(handle);
            }
        }

        return new(minEventTime, maxEventTime, counted, late, newGrains);
    }

    private void Recovered()
    {
        if (_backoff.Failures > 0)
        {
            _backoff.Succeeded();
            _context.Recovered();
        }
    }

    /// <returns>False: the partition was revoked during the pause.</returns>
    private async Task<bool> PauseAsync(string reason)
    {
        _backoff.Failed();
        _context.Stalled(reason);
        while (_backoff.IsWaiting && !_requests.IsDropped)
        {
            await _context.Wake.WaitAsync();
        }

        return !_requests.IsDropped;
    }
}
