using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Closes windows of an activation: loads and announces them, makes their rows final and writes them.</summary>
/// <param name="events">Null if closed windows are not announced.</param>
internal sealed class WindowClosing(SensorWindows windows, WindowFlush flush, IWindowStore store, IWindowEvents? events)
{
    private readonly int _generation = windows.Generation;

    /// <inheritdoc cref="IWindowGrain.Close"/>
    public async ValueTask<bool> CloseAsync(SourceId source, long[] starts, long previous)
    {
        if (windows.IsGap(source, previous))
        {
            return false;
        }

        while (windows.Missing(starts) is { Count: > 0 } missing)
        {
            if (!await store.LoadAsync(windows, missing))
            {
                return false;
            }
        }

        var closing = windows.WindowsOf(starts);
        if (events is not null && !await TryAnnounceAsync(events, closing))
        {
            return false;
        }

        foreach (var window in closing)
        {
            window.MakeFinal();
        }

        var written = await flush.RunAsync();
        return written.EveryRow && _generation == windows.Generation && await AreFinalAsync(starts);
    }

    /// <returns>False if the windows cannot be closed now; the loop asks again.</returns>
    private async ValueTask<bool> TryAnnounceAsync(IWindowEvents receiver, WindowState[] closing)
    {
        try
        {
            await AnnounceAsync(receiver, closing);
        }
        catch (WindowEventsException) when (!closing.Any(window => window.Rows.Any(row => row.IsStoredFinal)))
        {
            // The rows stay open in the store, where the next owner finds them. A row that is final already would not show
            // that its revision must be announced: then the failure goes to the caller, and no checkpoint is written.
            return false;
        }

        // A flush that interleaved may have settled and released a window.
        return _generation == windows.Generation && Array.TrueForAll(closing, windows.Holds);
    }

    /// <remarks>
    /// Readings that are added during the call belong to the next revision. They cause another close, which announces it.
    /// </remarks>
    private async ValueTask AnnounceAsync(IWindowEvents receiver, WindowState[] closing)
    {
        var rows = windows.SnapshotUnannouncedRows(closing);
        if (rows.Count == 0)
        {
            return;
        }

        await receiver.AnnounceAsync(rows.ConvertAll(row => row.Row));
        foreach (var (state, row) in rows)
        {
            state.Announced(row);
        }
    }

    /// <summary>
    /// Reads the rows back: another activation may have written a row that this one does not hold. Without this check no
    /// write would be refused, and that row would stay open for ever.
    /// </summary>
    private async ValueTask<bool> AreFinalAsync(long[] starts)
    {
        var stored = await store.ReadAsync(windows.Ids(starts), CancellationToken.None);
        if (stored.All(row => row.IsFinal))
        {
            return true;
        }

        if (_generation == windows.Generation)
        {
            windows.BecomeStale();
        }

        return false;
    }
}
