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
        if (!await TryAnnounceAsync(closing))
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

    /// <remarks>
    /// A window stays open or due in the store until it is announced. Readings that are added during the call belong to the next
    /// revision. They cause another close, which announces it.
    /// </remarks>
    /// <returns>False if the windows cannot be closed now; the loop asks again.</returns>
    private async ValueTask<bool> TryAnnounceAsync(WindowState[] closing)
    {
        var announced = Array.ConvertAll(
            Array.FindAll(closing, window => window.MustBeAnnounced), window => window.Snapshot(newRowVersion: 0, windows.Life));
        if (announced.Length > 0 && events is not null)
        {
            try
            {
                await events.AnnounceAsync([.. announced.SelectMany(snapshot => snapshot.Write.Window.Rows)]);
            }
            catch (WindowEventsException)
            {
                return false;
            }
        }

        foreach (var snapshot in announced)
        {
            snapshot.State.Announced(snapshot);
        }

        // A flush that interleaved may have settled and released a window.
        return _generation == windows.Generation && Array.TrueForAll(closing, windows.Holds);
    }

    /// <summary>
    /// Reads the rows back: another activation may have written the row of a window that has no readings here. Without this check
    /// no write would be refused, and that row would stay open for ever.
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
