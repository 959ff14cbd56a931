using GrainSensors.Core.Merging;
using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Windows;

/// <summary>The options of a window store.</summary>
public sealed class WindowStoreOptions
{
    /// <summary>
    /// How long windows are kept after their end, 1 to 36600 days. Maintenance removes older windows.
    /// <see cref="Timeout.InfiniteTimeSpan"/> keeps all windows.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>The longer windows that a final window makes stale. None by default.</summary>
    public LongerPeriods Longer { get; set; } = LongerPeriods.None;

    /// <summary>How many sensors may have names.</summary>
    public SensorNameLimits Names { get; set; } = new();

    internal bool KeepsEverything => Retention == Timeout.InfiniteTimeSpan;

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (!KeepsEverything && (Retention < TimeSpan.FromDays(1) || Retention > TimeSpan.FromDays(36_600)))
        {
            throw new ArgumentException($"Retention must be 1 to 36600 days, or -1 ms to keep all windows; got {Retention}.");
        }
    }
}
