using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Reads windows from the store into an activation.</summary>
internal static class WindowLoading
{
    /// <returns>False if the activation became stale during the read; nothing was loaded then.</returns>
    public static async Task<bool> LoadAsync(this IWindowStore store, SensorWindows windows, List<long> starts)
    {
        var generation = windows.Generation;
        var stored = await store.ReadAsync(windows.Ids(starts), CancellationToken.None);
        if (generation != windows.Generation)
        {
            return false;
        }

        windows.Load(starts, stored);
        return true;
    }
}
