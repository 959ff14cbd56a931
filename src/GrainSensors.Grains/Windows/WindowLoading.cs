using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Reads windows from the store into an activation.</summary>
internal static class WindowLoading
{
    /// <remarks>
    /// A call that interleaves may load, write and release the same window during the read. Its row is then newer than the one
    /// that was read, whose write would be refused. The windows are read again.
    /// </remarks>
    /// <returns>False if the activation became stale during the read; nothing was loaded then.</returns>
    public static async Task<bool> LoadAsync(this IWindowStore store, SensorWindows windows, List<long> starts)
    {
        while (true)
        {
            var (generation, releases) = (windows.Generation, windows.Releases);
            var stored = await store.ReadAsync(windows.Ids(starts), CancellationToken.None);
            if (generation != windows.Generation)
            {
                return false;
            }

            if (windows.IsOtherLife(store.Life))
            {
                // The rows may lack readings that were durable, and the activation has forgotten that it held them.
                windows.BecomeStale();
                return false;
            }

            if (releases == windows.Releases)
            {
                windows.Load(starts, stored);
                return true;
            }
        }
    }
}
