using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Sends the groups of a batch, one call for each sensor and one for each monitor, and waits for all of them: at most one add is outstanding
/// for a grain. A call that failed is repeated unchanged, for it may have been carried out. Window grains that are active on this
/// silo take their readings in a turn without a call, as long as they need nothing from the store.
/// </summary>
internal sealed class BatchDispatch(SourceId source, SensorGrouping grouping, ExactnessRules rules)
{
    /// <summary>
    /// Calls under way at once: enough to keep every core busy while grains read their windows from the store. A batch of
    /// more new sensors at once would have all their activations wait for each other, for longer than a call waits for its answer.
    /// </summary>
    private const int MaxInFlight = 512;

    private readonly List<SensorGrouping.Piece> _pieces = [];
    private readonly List<SensorGrouping.Piece> _local = [];
    private readonly List<SensorGrouping.Piece> _failed = [];
    private readonly LocalTurns _turns = new();
    private readonly ValueTask<AddStatus>[] _calls = new ValueTask<AddStatus>[MaxInFlight];

    /// <summary>The window grains on this silo; null: all are called.</summary>
    public ILocalWindowGrains? Activations { get; set; }

    /// <summary>How a batch came out.</summary>
    public enum Outcome
    {
        Applied,

        /// <summary>A grain misses readings that it had acknowledged.</summary>
        Gap,

        /// <summary>The partition was given up before every grain had acknowledged.</summary>
        GivenUp,
    }

    /// <param name="groups">The groups of the batch.</param>
    /// <param name="streamTime">Of the source before the batch, µs since the epoch.</param>
    /// <param name="pauseAfterFailure">Waits before the failed calls are repeated; false: give up.</param>
    public async ValueTask<Outcome> SendAsync(List<SensorGrouping.Group> groups, long streamTime, Func<Exception, Task<bool>> pauseAfterFailure)
    {
        var array = grouping.Sorted;
        _pieces.Clear();
        _local.Clear();
        _turns.Begin();
        foreach (var (slot, start, count) in groups)
        {
            var piece = new SensorGrouping.Piece(slot, start, count, array[start + count - 1].Offset);
            if (slot.Activation is { IsLive: true } activation)
            {
                _local.Add(piece);
                _turns.Queue(activation, source, new(array, start, count), slot.Previous);
            }
            else
            {
                _pieces.Add(piece);
            }
        }

        await _turns.CompleteAsync();
        var gap = Settle();
        _pieces.AddRange(grouping.Monitors);
        var (otherGap, failure) = await SendOnceAsync(_pieces, array, streamTime);
        gap |= otherGap;
        if (failure is not null)
        {
            // A call that timed out may still be delivered and read the array.
            grouping.AbandonArray();
        }

        while (failure is not null && rules.RepeatsFailedAdds)
        {
            if (!await pauseAfterFailure(failure))
            {
                return Outcome.GivenUp;
            }

            (otherGap, failure) = await SendOnceAsync([.. _failed], array, streamTime);
            gap |= otherGap;
        }

        return gap ? Outcome.Gap : Outcome.Applied;
    }

    /// <summary>Judges the answers of the turns; who gave none is called.</summary>
    /// <returns>Whether a grain misses readings.</returns>
    private bool Settle()
    {
        var gap = false;
        for (var i = 0; i < _local.Count; i++)
        {
            var (slot, _, _, lastOffset) = _local[i];
            switch (_turns[i].Answer)
            {
                case AddStatus.Applied:
                    slot.LastSent = slot.Previous = lastOffset;
                    break;
                case AddStatus.Gap:
                    gap = true;
                    break;
                default:
                    _pieces.Add(_local[i]);
                    break;
            }
        }

        return gap;
    }

    private async ValueTask<(bool Gap, Exception? Failure)> SendOnceAsync(List<SensorGrouping.Piece> pieces, Reading[] array, long streamTime)
    {
        _failed.Clear();
        var gap = false;
        Exception? failure = null;
        for (var i = 0; i < pieces.Count + MaxInFlight; i++)
        {
            // The place of a call is free for the next one when it has been answered.
            var answered = i - MaxInFlight;
            if (answered >= 0 && answered < pieces.Count)
            {
                try
                {
                    if (await _calls[answered % MaxInFlight] == AddStatus.Gap)
                    {
                        gap = true;
                    }
                    else
                    {
                        var (slot, _, _, lastOffset) = pieces[answered];
                        slot.LastSent = slot.Previous = lastOffset;
                        if (slot is WindowGrainHandle { Activation: not { IsLive: true } } sensor)
                        {
                            sensor.Activation = Activations?.Find(sensor.SensorId, sensor.Period);
                        }
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
                _calls[i % MaxInFlight] = Send(pieces[i], array, streamTime);
#pragma warning restore CA2012
            }
        }

        Array.Clear(_calls);
        return (gap, failure);
    }

    private ValueTask<AddStatus> Send(in SensorGrouping.Piece piece, Reading[] array, long streamTime)
    {
        try
        {
            return piece.Slot.SendAsync(source, array, piece.Start, piece.Count, streamTime);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<AddStatus>(e);
        }
    }
}
