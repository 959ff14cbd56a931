using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Windows;

/// <summary>The retention as times and UTC days, by the current clock.</summary>
internal sealed class RetentionPolicy(WindowStoreOptions options, TimeProvider clock)
{
    /// <summary>Days prepared in advance: a database that is down for a weekend still has the partitions afterwards.</summary>
    private const int DaysAhead = 3;

    public bool KeepsEverything => options.KeepsEverything;

    /// <summary>Windows that ended before this time are removed, µs since the epoch.</summary>
    public long Cutoff => EpochTime.From(clock.GetUtcNow() - options.Retention);

    public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    public DateOnly LastDay => Today.AddDays(DaysAhead);

    /// <summary>Maintenance creates the partitions of days from here on, before their first window is written.</summary>
    public DateOnly FirstReadyDay => FirstDay > Today.AddDays(-1) ? FirstDay : Today.AddDays(-1);

    /// <summary>
    /// The first write of a window creates the partition of days from here on. Without retention, older days share the default
    /// partition.
    /// </summary>
    public DateOnly FirstDay => KeepsEverything
        ? Today.AddDays(-400)
        : DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime - options.Retention);
}
