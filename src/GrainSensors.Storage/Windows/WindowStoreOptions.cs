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

    /// <summary>The longer periods whose windows are merged. None by default.</summary>
    public LongerPeriods Longer { get; set; } = LongerPeriods.None;

    /// <summary>The retention of periods that have one of their own, by their canonical text.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Retentions { get; set; } = new Dictionary<string, TimeSpan>();

    /// <summary>Whether windows have sketches, so that the store is to be ready for them.</summary>
    public bool HasSketches { get; set; }

    /// <summary>How many sensors may have names.</summary>
    public SensorNameLimits Names { get; set; } = new();

    internal TimeSpan RetentionOf(string period) => Retentions.GetValueOrDefault(period, Retention);

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        foreach (var kept in Retentions.Values.Append(Retention).Where(kept => kept != Timeout.InfiniteTimeSpan))
        {
            if (kept < TimeSpan.FromDays(1) || kept > TimeSpan.FromDays(36_600))
            {
                throw new ArgumentException($"Retention must be 1 to 36600 days, or -1 ms to keep all windows; got {kept}.");
            }
        }
    }
}
