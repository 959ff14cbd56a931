using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Batching;

/// <summary>
/// Combines the reads of many grains, one or two windows each, into batches. After a failover all sensors of a silo load their
/// windows at once.
/// </summary>
internal sealed class WindowReader
{
    private const int BatchCapacity = 1000;

    private readonly Func<IReadOnlyList<WindowId>, Task<IReadOnlyList<StoredWindow>>> _read;
    private readonly BatchLane<Item, WindowId> _lane;

    /// <param name="read">Reads the given windows, each at most once.</param>
    public WindowReader(Func<IReadOnlyList<WindowId>, Task<IReadOnlyList<StoredWindow>>> read)
    {
        _read = read;
        _lane = new(BatchCapacity, item => item.Window, ReadAsync);
    }

    public async Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken)
    {
        if (windows.Count == 0)
        {
            return [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        var call = new BatchCall<List<StoredWindow>>([], windows.Count);
        _lane.Add([.. windows.Select(window => new Item(window, call))]);
        return await call.Task.WaitAsync(cancellationToken);
    }

    public Task DrainAsync() => _lane.DrainAsync();

    private async Task ReadAsync(IReadOnlyList<Item> batch)
    {
        try
        {
            var rows = await _read([.. batch.Select(item => item.Window)]);
            var byWindow = batch.ToDictionary(item => item.Window, item => item.Call);
            foreach (var row in rows)
            {
                byWindow[row.Id].Result.Add(row);
            }

            foreach (var item in batch)
            {
                item.Call.Complete();
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

    private readonly record struct Item(WindowId Window, BatchCall<List<StoredWindow>> Call);
}
