using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Windows;

/// <summary>Which moments and UTC days are kept, as the clock stands.</summary>
internal sealed class RetentionPolicy(WindowStoreOptions options, TimeProvider clock)
{
    /// <summary>So that a process that cannot reach its database for a weekend still finds room when it comes back.</summary>
    private const int DaysAhead = 3;

    public bool KeepsEverything => options.KeepsEverything;

    /// <summary>What ended before this may go, µs since the epoch.</summary>
    public long Cutoff => EpochTime.From(clock.GetUtcNow() - options.Retention);

    public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    public DateOnly LastDay => Today.AddDays(DaysAhead);

    /// <summary>Days from here on have their partition before the first window comes.</summary>
    public DateOnly FirstReadyDay => FirstDay > Today.AddDays(-1) ? FirstDay : Today.AddDays(-1);

    /// <summary>
    /// Days from here on get a partition when their first window is written. Where everything is kept, older days share the
    /// default partition.
    /// </summary>
    public DateOnly FirstDay => KeepsEverything
        ? Today.AddDays(-400)
        : DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime - options.Retention);
}
