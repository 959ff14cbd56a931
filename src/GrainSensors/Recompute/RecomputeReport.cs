using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Merging;
using GrainSensors.Terminal;

namespace GrainSensors.Recompute;

/// <summary>The result of a <c>recompute</c> as text and as JSON.</summary>
internal sealed class RecomputeReport(BackfillResult result, LongerPeriod longer, bool dryRun, string store)
{
    private long Waiting => dryRun ? 0 : result.Found - result.Merged;

    public string ToText()
    {
        var first = result.First is { } start ? $" that start from {EpochTime.ToIso8601(start)} on" : "";
        var windows = $"window{((dryRun ? result.Found : result.Merged) == 1 ? "" : "s")} of {longer.Period}{first}";
        var line = result.First is null ? $"0 windows of {longer.Period} filled in {store}: no windows of {longer.Source} are stored"
            : dryRun ? $"{Plural.Number(result.Found)} {windows} can be filled in {store}; dry run: nothing changed"
            : $"{Plural.Number(result.Merged)} {windows} filled in {store}";
        if (Waiting > 0)
        {
            line += $"; {Plural.Number(Waiting)} more {(Waiting == 1 ? "is" : "are")} merged by the pipeline when ended and closed";
        }

        return result.Unreached == 0 ? line : $"{line}\n{Unfilled()}";
    }

    public object ToJson() => new
    {
        Period = longer.Period.ToString(),
        MergedFrom = longer.Source.ToString(),
        DryRun = dryRun,
        From = result.First is { } first ? EpochTime.ToIso8601(first) : null,
        Missing = result.Found,
        Filled = result.Merged,
        Waiting,
        NotFilled = result.Unreached,
        Reason = result.Unreached > 0 ? Reason() : null,
    };

    private string Unfilled() =>
        $"Not filled: {Plural.Of(result.Unreached, "earlier window")} of each sensor. {Reason()} The first window that can be filled "
        + $"starts at {EpochTime.ToIso8601(longer.Period.FirstAt(result.Reach.From))}.";

    private string Reason() => result.Reach.Limit switch
    {
        BackfillLimit.PanesDeleted => $"Windows of {longer.Source} from before {Limit} may have been deleted by retention.",
        BackfillLimit.PanesBegin when longer.IsChained =>
            $"Windows of {longer.Source} are merged from {Limit} on; fill them first with "
            + $"`grainsensors recompute --period {longer.Source}`.",
        BackfillLimit.PanesBegin => $"Windows of {longer.Source} are counted from {Limit} on; windows of another size were counted before.",
        BackfillLimit.Counted => $"Windows of {longer.Period} from before {Limit} were counted and stay as they are.",
        BackfillLimit.OtherPanes => $"Windows of {longer.Period} from before {Limit} are merged from windows of another size.",
        _ => $"Windows of {longer.Period} from before {Limit} are past their retention.",
    };

    private string Limit => EpochTime.ToIso8601(result.Reach.From);
}
