using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Sends the groups of a batch, one call for each sensor and one for each monitor, and waits for all of them: at most one add is outstanding
/// for a grain. A call that failed is repeated unchanged, for it may have been carried out.
/// </summary>
internal sealed class BatchDispatch(SourceId source, SensorGrouping grouping, ExactnessRules rules)
{
    private readonly List<SensorGrouping.Piece> _pieces = [];
    private readonly List<SensorGrouping.Piece> _failed = [];
    private ValueTask<AddStatus>[] _calls = new ValueTask<AddStatus>[256];

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
        foreach (var (slot, start, count) in groups)
        {
            _pieces.Add(new(slot, start, count, array[start + count - 1].Offset));
        }

        _pieces.AddRange(grouping.Monitors);
        var (gap, failure) = await SendOnceAsync(_pieces, array, streamTime);
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

            (var otherGap, failure) = await SendOnceAsync([.. _failed], array, streamTime);
            gap |= otherGap;
        }

        return gap ? Outcome.Gap : Outcome.Applied;
    }

    private async ValueTask<(bool Gap, Exception? Failure)> SendOnceAsync(List<SensorGrouping.Piece> pieces, Reading[] array, long streamTime)
    {
        if (_calls.Length < pieces.Count)
        {
            _calls = new ValueTask<AddStatus>[pieces.Count * 2];
        }

        for (var i = 0; i < pieces.Count; i++)
        {
#pragma warning disable CA2012 // each is awaited once, below: all calls are under way before the first answer is
            _calls[i] = Send(pieces[i], array, streamTime);
#pragma warning restore CA2012
        }

        _failed.Clear();
        var gap = false;
        Exception? failure = null;
        for (var i = 0; i < pieces.Count; i++)
        {
            var slot = pieces[i].Slot;
            try
            {
                if (await _calls[i] == AddStatus.Gap)
                {
                    gap = true;
                    continue;
                }
            }
            catch (Exception e)
            {
                failure = e;
                _failed.Add(pieces[i]);
                continue;
            }

            slot.LastSent = slot.Previous = pieces[i].LastOffset;
        }

        Array.Clear(_calls, 0, pieces.Count);
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
