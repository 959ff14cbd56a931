using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Windows;

/// <summary>The retention as times and UTC days, by the current clock.</summary>
internal sealed class RetentionPolicy(WindowStoreOptions options, TimeProvider clock)
{
    /// <summary>Days prepared in advance: a database that is down for a weekend still has the partitions afterwards.</summary>
    private const int DaysAhead = 3;

    /// <summary>The period whose windows readings are counted in; null: the configured one.</summary>
    public string? Pane => options.Longer.IsEmpty ? null : options.Longer.Pane.ToString();

    /// <summary>Latest readings and checkpoints of before this time are removed, µs since the epoch; null: none.</summary>
    public long? Cutoff => CutoffOf(options.Retention);

    /// <summary>The periods with a retention of their own.</summary>
    public IEnumerable<string> Periods => options.Retentions.Keys;

    /// <summary>The longer periods that the store is to be ready for.</summary>
    public IEnumerable<Core.Windows.WindowPeriod> Longer => options.Longer.All.Select(longer => longer.Period);

    /// <inheritdoc cref="WindowStoreOptions.HasSketches"/>
    public bool HasSketches => options.HasSketches;

    public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    public DateOnly LastDay => Today.AddDays(DaysAhead);

    /// <returns>Windows of the period that ended before this time are removed, µs since the epoch; null: none.</returns>
    public long? CutoffOf(string period) => CutoffOf(options.RetentionOf(period));

    /// <summary>Maintenance creates the partitions of days from here on, before their first window is written.</summary>
    public DateOnly FirstReadyDay(string period) =>
        FirstDay(period) is var first && first > Today.AddDays(-1) ? first : Today.AddDays(-1);

    /// <summary>
    /// The first write of a window creates the partition of days from here on. Without retention, older days share the default
    /// partition.
    /// </summary>
    public DateOnly FirstDay(string period) => options.RetentionOf(period) is var retention && retention == Timeout.InfiniteTimeSpan
        ? Today.AddDays(-400)
        : DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime - retention);

    private long? CutoffOf(TimeSpan retention) =>
        retention == Timeout.InfiniteTimeSpan ? null : EpochTime.From(clock.GetUtcNow() - retention);
}
