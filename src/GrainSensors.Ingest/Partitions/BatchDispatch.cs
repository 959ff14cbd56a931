using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Sends the groups of a batch, one call for each sensor, and waits for all of them: at most one add is outstanding
/// for a grain. A call that failed is repeated unchanged, for it may have been carried out.
/// </summary>
internal sealed class BatchDispatch(SourceId source, SensorGrouping grouping, ExactnessRules rules)
{
    private readonly List<SensorGrouping.Group> _failed = [];
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
    /// <param name="pauseAfterFailure">Waits before the failed calls are repeated; false: give up.</param>
    public async ValueTask<Outcome> SendAsync(List<SensorGrouping.Group> groups, Func<Exception, Task<bool>> pauseAfterFailure)
    {
        var array = grouping.Sorted;
        var (gap, failure) = await SendOnceAsync(groups, array);
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

            (var otherGap, failure) = await SendOnceAsync([.. _failed], array);
            gap |= otherGap;
        }

        return gap ? Outcome.Gap : Outcome.Applied;
    }

    private async ValueTask<(bool Gap, Exception? Failure)> SendOnceAsync(List<SensorGrouping.Group> groups, Reading[] array)
    {
        if (_calls.Length < groups.Count)
        {
            _calls = new ValueTask<AddStatus>[groups.Count * 2];
        }

        for (var i = 0; i < groups.Count; i++)
        {
#pragma warning disable CA2012 // each is awaited once, below: all calls are under way before the first answer is
            _calls[i] = Send(groups[i], array);
#pragma warning restore CA2012
        }

        _failed.Clear();
        var gap = false;
        Exception? failure = null;
        for (var i = 0; i < groups.Count; i++)
        {
            var (slot, start, count) = groups[i];
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
                _failed.Add(groups[i]);
                continue;
            }

            slot.LastSent = slot.Previous = array[start + count - 1].Offset;
        }

        Array.Clear(_calls, 0, groups.Count);
        return (gap, failure);
    }

    private ValueTask<AddStatus> Send(in SensorGrouping.Group group, Reading[] array)
    {
        try
        {
            return group.Slot.Grain.Add(source, new(array, group.Start, group.Count), group.Slot.Previous);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<AddStatus>(e);
        }
    }
}
