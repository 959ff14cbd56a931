using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Batching;

/// <summary>
/// Gathers the one or two windows that each of many grains reads into batches: after a failover every sensor of a
/// silo comes back at once.
/// </summary>
internal sealed class WindowReader
{
    private const int BatchCapacity = 1000;

    private readonly Func<IReadOnlyList<WindowId>, Task<IReadOnlyList<WindowRow>>> _read;
    private readonly BatchLane<Item, WindowId> _lane;

    /// <param name="read">Reads all rows of distinct windows.</param>
    public WindowReader(Func<IReadOnlyList<WindowId>, Task<IReadOnlyList<WindowRow>>> read)
    {
        _read = read;
        _lane = new(BatchCapacity, item => item.Window, ReadAsync);
    }

    public async Task<IReadOnlyList<WindowRow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken)
    {
        if (windows.Count == 0)
        {
            return [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        var call = new BatchCall<List<WindowRow>>([], windows.Count);
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
                byWindow[row.Key.Window].Result.Add(row);
            }

            foreach (var item in batch)
            {
                item.Call.Answered();
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

    private readonly record struct Item(WindowId Window, BatchCall<List<WindowRow>> Call);
}
