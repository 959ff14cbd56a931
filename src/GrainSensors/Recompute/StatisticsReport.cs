using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Filling;
using GrainSensors.Terminal;

namespace GrainSensors.Recompute;

/// <summary>The result of <c>recompute --statistics</c> as text and as JSON. It counts measurements of windows.</summary>
internal sealed class StatisticsReport(FillResult result, Period period, bool dryRun, string store)
{
    public string ToText()
    {
        if (result.Range is not var (first, last))
        {
            return $"0 statistics filled in {store}: no final window of {period} in the range lacks any";
        }

        var filled = $"Statistics of {Plural.Of(result.Filled, "measurement")} in {period} windows that start {Range(first, last)}";
        var line = dryRun ? $"{filled} can be filled in {store}; dry run: nothing changed" : $"{filled} filled in {store}";
        return string.Join('\n', [line, .. result.Unfilled.Select(Line)]);
    }

    public object ToJson() => new
    {
        Period = period.ToString(),
        DryRun = dryRun,
        From = result.Range is var (first, _) ? EpochTime.ToIso8601(first) : null,
        result.Missing,
        Filled = dryRun ? 0 : result.Filled,
        Fillable = result.Filled,
        result.NotFilled,
        Reasons = result.Unfilled.Select(unfilled => new
        {
            Reason = Reason(unfilled.Reason),
            unfilled.Count,
            From = EpochTime.ToIso8601(unfilled.FirstStart),
            To = EpochTime.ToIso8601(unfilled.LastStart),
        }),
    };

    private static string Line(UnfilledWindows unfilled) =>
        $"Not filled: {Plural.Of(unfilled.Count, "measurement")} in windows that start "
        + $"{Range(unfilled.FirstStart, unfilled.LastStart)}. {Reason(unfilled.Reason)}";

    private static string Range(long first, long last) => first == last
        ? $"at {EpochTime.ToIso8601(first)}"
        : $"from {EpochTime.ToIso8601(first)} to {EpochTime.ToIso8601(last)}";

    private static string Reason(UnfilledReason reason) => reason switch
    {
        UnfilledReason.BeyondLog => "Kafka no longer has all of their readings.",
        UnfilledReason.Differs => "The readings in Kafka have other statistics; `grainsensors reconcile` says which.",
        UnfilledReason.Changed =>
            "They changed during the run, or a silo has yet to announce them; run the command again while silos run.",
        UnfilledReason.OtherSteps => "They were counted with another setting of Deduplicate.",
        UnfilledReason.NotOurs => "They come from a topic that is not read, or from a measurement that cannot be recomputed.",
        _ => "The configuration of a source changed while their messages were read.",
    };
}
