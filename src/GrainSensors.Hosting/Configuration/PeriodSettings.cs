using System.Globalization;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The periods of a process: one whose windows readings are counted in, and those that are merged.</summary>
/// <param name="Contract">The period of the view <c>sensor_temperatures</c>.</param>
/// <param name="Pane">The period that readings are counted in.</param>
/// <param name="Longer">The periods that are merged.</param>
/// <param name="Retentions">By canonical text.</param>
/// <param name="Oldest">
/// The age up to which readings are taken: a reading that is older would be in a longer window of which panes are deleted already.
/// </param>
internal sealed record PeriodSettings(
    Period Contract, Period Pane, LongerPeriods Longer, IReadOnlyDictionary<string, TimeSpan> Retentions, TimeSpan Oldest)
{
    private static readonly TimeSpan LeastAge = TimeSpan.FromDays(1);

    /// <exception cref="FormatException">A period is none.</exception>
    /// <exception cref="ArgumentException">The periods do not go together; the message says what to change.</exception>
    public static PeriodSettings From(PipelineOptions options)
    {
        var all = options.Periods.Select((given, i) => (Period: Parse(given.Period, i), given.Retention)).ToList();
        if (all.Count == 0)
        {
            var only = new Dictionary<string, TimeSpan> { [options.Period.ToString()] = options.Retention };
            return new(options.Period, options.Period, LongerPeriods.None, only, options.Retention);
        }

        if (all.All(given => given.Period.Plain != options.Period))
        {
            throw new ArgumentException(
                $"The Period {options.Period} is not one of the Periods {string.Join(", ", all.Select(given => given.Period))}; add it, or "
                + "set Period to one of them that has no hop and no time zone.");
        }

        var pane = all.Min(given => given.Period.Plain ?? options.Period);
        var first = all.FindIndex(given => given.Period.Plain == pane);
        var longer = new LongerPeriods(pane, [.. all.Where((_, i) => i != first).Select(given => given.Period)]);
        var retentions = all.ToDictionary(given => given.Period.ToString(), given => given.Retention ?? options.Retention);
        var oldest = longer.All.Select(period => AgeFor(period, retentions)).Append(retentions[pane.ToString()])
            .Where(age => age != Timeout.InfiniteTimeSpan).DefaultIfEmpty(Timeout.InfiniteTimeSpan).Min();
        return new(options.Period, pane, longer, retentions, oldest);
    }

    /// <summary>The periods whose windows do not overlap, the shortest first, and how long they are kept.</summary>
    private IReadOnlyList<(WindowPeriod Period, TimeSpan Retention)> Sources { get; } =
    [
        .. Longer.All.Select(longer => longer.Period).Where(period => !period.Overlaps).Prepend(new(Pane))
            .OrderBy(period => period.Size.TotalSeconds)
            .Select(period => (period, Retentions[period.ToString()])),
    ];

    /// <summary>Finds the stored windows from which others are merged: the shortest that are still kept.</summary>
    /// <param name="consists">Whether the wanted windows consist of whole ones of the period.</param>
    /// <param name="at">The time of the windows, µs since the epoch.</param>
    /// <param name="now">µs since the epoch.</param>
    /// <param name="since">When windows of a period began to be stored, µs since the epoch.</param>
    /// <returns>Their period, and the time from which on there are shorter ones.</returns>
    public (WindowPeriod Period, long Until) SourceAt(
        Func<WindowPeriod, bool> consists, long at, long now, Func<WindowPeriod, long>? since = null)
    {
        var (found, until) = (new WindowPeriod(Pane), long.MaxValue);
        foreach (var (period, retention) in Sources.Where((source, i) => i == 0 || consists(source.Period)))
        {
            found = period;
            var keptFrom = Math.Max(
                since?.Invoke(period) ?? EpochTime.Min,
                retention == Timeout.InfiniteTimeSpan ? EpochTime.Min : now - EpochTime.From(retention));
            if (keptFrom <= at)
            {
                break;
            }

            until = keptFrom;
        }

        return (found, until);
    }

    /// <returns>The period of the contract alone, for a store of its own that keeps everything.</returns>
    public PeriodSettings OnlyContract() => new(
        Contract, Contract, LongerPeriods.None, new Dictionary<string, TimeSpan> { [Contract.ToString()] = Timeout.InfiniteTimeSpan },
        Timeout.InfiniteTimeSpan);

    /// <returns>The period of the windows for a report of a day: the shortest that are still kept, and no part of the day.</returns>
    public Period PeriodFor(LocalDay day, long now) =>
        SourceAt(source => source.Plain is { } plain && day.HasWhole(plain), day.From, now).Period.Size;

    private static WindowPeriod Parse(string text, int i) => WindowPeriod.TryParse(text, out var error)
        ?? throw new FormatException($"{PipelineOptions.Section}:Periods:{i}: {error}");

    /// <returns>The age up to which a reading finds all panes of its longer window.</returns>
    private static TimeSpan AgeFor(LongerPeriod longer, Dictionary<string, TimeSpan> retentions)
    {
        var kept = retentions[longer.Source.ToString()];
        if (kept == Timeout.InfiniteTimeSpan)
        {
            return kept;
        }

        var size = TimeSpan.FromSeconds(longer.Period.Size.TotalSeconds);
        return kept - size >= LeastAge
            ? kept - size
            : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"""
                Windows of {longer.Period} are merged from those of {longer.Source}, which are kept for {kept.TotalDays:0.##} days only; set
                 their Retention to {Math.Ceiling((size + LeastAge).TotalDays)}d or longer.
                """).ReplaceLineEndings(""));
    }
}
