using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>
/// Sends a batch to its grains, one call for each sensor and one for each monitor, and waits for all answers. At most one
/// add is in flight for a grain.
/// </summary>
/// <remarks>
/// A failed call is repeated unchanged, because the grain may have processed it. Window grains on this silo take their
/// readings in a turn without a call, unless they have to load a window from the store.
/// </remarks>
/// <param name="life">The life of the store that the partition has its checkpoint from.</param>
/// <param name="localGrains">The window grains on this silo. Null if every grain is called.</param>
internal sealed class BatchDispatch(
    SourceId source, Guid life, SensorGrouping grouping, ExactnessRules rules, ILocalWindowGrains? localGrains)
{
    /// <summary>
    /// Calls in flight: enough to keep every core busy while grains read their windows from the store. With more, all the
    /// activations of a batch of new sensors would wait for each other, for longer than the response timeout of a call.
    /// </summary>
    private const int MaxInFlight = 512;

    private readonly List<SensorGrouping.Piece> _calls = [];
    private readonly List<SensorGrouping.Piece> _local = [];
    private readonly List<SensorGrouping.Piece> _failed = [];
    private readonly LocalTurns _turns = new();
    private readonly ValueTask<AddStatus>[] _inFlight = new ValueTask<AddStatus>[MaxInFlight];

    /// <param name="groups">The groups of the batch.</param>
    /// <param name="streamTime">The stream time of the source before the batch, µs since the epoch.</param>
    /// <param name="pauseAfterFailure">Waits before the failed calls are repeated. False ends the dispatch.</param>
    public async ValueTask<DispatchOutcome> SendAsync(
        List<SensorGrouping.Group> groups, long streamTime, Func<Exception, Task<bool>> pauseAfterFailure)
    {
        var batch = grouping.Sorted;
        QueueLocalTurns(groups, batch);
        await _turns.CompleteAsync();
        var gap = ReadLocalAnswers();
        _calls.AddRange(grouping.Monitors);
        var (callGap, failure) = await SendOnceAsync(_calls, batch, streamTime);
        gap |= callGap;
        if (failure is not null)
        {
            // A call that timed out may still be delivered and read the batch.
            grouping.AbandonBatch();
        }

        while (failure is not null && rules.RepeatsFailedAdds)
        {
            if (!await pauseAfterFailure(failure))
            {
                return DispatchOutcome.Revoked;
            }

            (callGap, failure) = await SendOnceAsync([.. _failed], batch, streamTime);
            gap |= callGap;
        }

        return gap ? DispatchOutcome.Gap : DispatchOutcome.Applied;
    }

    private void QueueLocalTurns(List<SensorGrouping.Group> groups, ReadingBatch batch)
    {
        _calls.Clear();
        _local.Clear();
        _turns.Begin();
        foreach (var (handle, start, count) in groups)
        {
            var piece = new SensorGrouping.Piece(handle, start, count, batch.Readings[start + count - 1].Offset);
            if (handle.LocalGrain is { IsLive: true } localGrain)
            {
                _local.Add(piece);
                _turns.Queue(localGrain, source, new(batch, start, count), handle.Previous, life);
            }
            else
            {
                _calls.Add(piece);
            }
        }
    }

    /// <summary>Evaluates the answers of the local turns. Grains without an answer are called.</summary>
    /// <returns>Whether a grain is missing readings.</returns>
    private bool ReadLocalAnswers()
    {
        var gap = false;
        for (var i = 0; i < _local.Count; i++)
        {
            var (handle, _, _, lastOffset) = _local[i];
            switch (_turns.AnswerOf(i))
            {
                case AddStatus.Applied:
                    handle.LastSent = handle.Previous = lastOffset;
                    break;
                case AddStatus.Gap:
                    gap = true;
                    break;
                default:
                    _calls.Add(_local[i]);
                    break;
            }
        }

        return gap;
    }

    private async ValueTask<(bool Gap, Exception? Failure)> SendOnceAsync(
        List<SensorGrouping.Piece> pieces, ReadingBatch batch, long streamTime)
    {
        _failed.Clear();
        var gap = false;
        Exception? failure = null;
        for (var i = 0; i < pieces.Count + MaxInFlight; i++)
        {
            // The place of a call is free for the next one when the call has been answered.
            var answered = i - MaxInFlight;
            if (answered >= 0 && answered < pieces.Count)
            {
                try
                {
                    if (await _inFlight[answered % MaxInFlight] == AddStatus.Gap)
                    {
                        gap = true;
                    }
                    else
                    {
                        Acknowledge(pieces[answered]);
                    }
                }
                catch (Exception e)
                {
                    failure = e;
                    _failed.Add(pieces[answered]);
                }
            }

            if (i < pieces.Count)
            {
#pragma warning disable CA2012 // each is awaited once, above
                _inFlight[i % MaxInFlight] = Send(pieces[i], batch, streamTime);
#pragma warning restore CA2012
            }
        }

        Array.Clear(_inFlight);
        return (gap, failure);
    }

    private void Acknowledge(in SensorGrouping.Piece piece)
    {
        var handle = piece.Handle;
        handle.LastSent = handle.Previous = piece.LastOffset;
        if (handle is WindowGrainHandle { LocalGrain: not { IsLive: true } } window)
        {
            window.LocalGrain = localGrains?.Find(window.SensorId, window.Period);
        }
    }

    private ValueTask<AddStatus> Send(in SensorGrouping.Piece piece, ReadingBatch batch, long streamTime)
    {
        try
        {
            return piece.Handle.SendAsync(source, batch, piece.Start, piece.Count, streamTime, life);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<AddStatus>(e);
        }
    }
}
