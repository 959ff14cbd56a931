using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Batching;

/// <summary>
/// Group commit: combines the writes of many grains, a few rows each, into batches on one or two connections. A failed batch
/// fails the calls with rows in it and no others.
/// </summary>
/// <remarks>
/// A sensor always uses the same lane. Two concurrent batches therefore never hold the same window and never wait for each other's
/// row locks.
/// </remarks>
internal sealed class WindowWriter
{
    /// <summary>Rows of a commit. 500 to 1000 rows measured best; more rows only make callers wait longer.</summary>
    public const int BatchCapacity = 1000;

    private readonly Func<IReadOnlyList<WindowWrite>, Task<WriteOutcome[]>> _commit;
    private readonly BatchLane<Item, WindowId>[] _lanes;
    private long _rows;
    private long _conflicts;
    private long _commits;

    /// <param name="lanes">The number of concurrent commits.</param>
    /// <param name="commit">Writes distinct windows in one transaction and returns the outcome of each.</param>
    public WindowWriter(int lanes, Func<IReadOnlyList<WindowWrite>, Task<WriteOutcome[]>> commit)
    {
        _commit = commit;
        _lanes = new BatchLane<Item, WindowId>[lanes];
        for (var i = 0; i < lanes; i++)
        {
            _lanes[i] = new(BatchCapacity, item => item.Write.Window.Id, CommitAsync);
        }
    }

    public WriteTotals Totals => new(Volatile.Read(ref _rows), Volatile.Read(ref _conflicts), Volatile.Read(ref _commits));

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken)
    {
        if (writes.Count == 0)
        {
            return Task.FromResult<WriteOutcome[]>([]);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var call = new BatchCall<WriteOutcome[]>(new WriteOutcome[writes.Count], writes.Count);
        var items = new Item[writes.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = new(writes[i], call, i);
        }

        if (IsOfOneSensor(writes))
        {
            LaneOf(writes[0]).Add(items);
        }
        else
        {
            foreach (var part in items.GroupBy(item => LaneOf(item.Write)))
            {
                part.Key.Add(part.ToArray());
            }
        }

        return call.Task.WaitAsync(cancellationToken);
    }

    public Task DrainAsync() => Task.WhenAll(_lanes.Select(lane => lane.DrainAsync()));

    private static bool IsOfOneSensor(IReadOnlyList<WindowWrite> writes)
    {
        for (var i = 1; i < writes.Count; i++)
        {
            if (writes[i].Window.Id.SensorId != writes[0].Window.Id.SensorId)
            {
                return false;
            }
        }

        return true;
    }

    // Knuth's multiplicative hash spreads ids with a pattern, such as even ids, over all lanes.
    private BatchLane<Item, WindowId> LaneOf(WindowWrite write) =>
        _lanes[(((uint)write.Window.Id.SensorId * 2_654_435_769u) >> 16) % (uint)_lanes.Length];

    private async Task CommitAsync(IReadOnlyList<Item> batch)
    {
        try
        {
            var outcomes = await _commit([.. batch.Select(item => item.Write)]);
            var written = outcomes.Count(outcome => outcome == WriteOutcome.Written);
            Interlocked.Add(ref _rows, written);
            Interlocked.Add(ref _conflicts, outcomes.Length - written);
            Interlocked.Increment(ref _commits);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Call.Result[batch[i].Index] = outcomes[i];
                batch[i].Call.Complete();
            }
        }
        catch (Exception e)
        {
            foreach (var item in batch)
            {
                item.Call.Fail(e);
            }
        }
    }

    private readonly record struct Item(WindowWrite Write, BatchCall<WriteOutcome[]> Call, int Index);
}
