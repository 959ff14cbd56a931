using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconcile;

/// <summary>How a reconciliation came out, for people and as JSON.</summary>
internal sealed class ReconcileReport(ReconciliationResult result, string store, KafkaOptions kafka)
{
    /// <summary>More than this nobody reads on a screen; the table has them all.</summary>
    private const int FindingsShown = 20;

    public string ToText()
    {
        var (run, counts) = (result.Run, result.Run.Counts);
        var sensors = run.SensorIds is { } ids ? $"sensor{(ids.Count == 1 ? "" : "s")} {string.Join(", ", ids)}" : "all sensors";
        var lines = new List<string>
        {
            Invariant($"Windows of {run.Period} from {EpochTime.ToIso8601(run.From)} to {EpochTime.ToIso8601(run.To)}, {sensors}, in {store}"),
            Invariant($"{counts.Readings:N0} readings of {kafka.Topic} at {kafka.BootstrapServers} by the {run.Engine} engine, {counts.Compared:N0} rows compared"),
        };
        lines.AddRange(result.Findings.Take(FindingsShown).Select(Line));
        if (counts.Findings > Math.Min(FindingsShown, result.Findings.Count))
        {
            lines.Add(Invariant($"… and {counts.Findings - Math.Min(FindingsShown, result.Findings.Count):N0} more, in reconciliation_findings"));
        }

        lines.AddRange(Notes());
        lines.Add(counts.Findings == 0
            ? "0 differences"
            : Invariant($"{counts.Findings:N0} difference{(counts.Findings == 1 ? "" : "s")}: {counts.Missing:N0} missing, {counts.Surplus:N0} surplus, ")
                + Invariant($"{counts.Differing:N0} differing, {counts.Parse:N0} parse; ")
                + (run.DryRun ? "nothing corrected: this was a dry run" : Invariant($"{counts.Corrected:N0} corrected"))
                + $"; run {run.Id}");
        return string.Join('\n', lines);
    }

    public object ToJson() => new
    {
        RunId = result.Run.Id,
        result.Run.Engine,
        Period = result.Run.Period.ToString(),
        From = EpochTime.ToIso8601(result.Run.From),
        To = EpochTime.ToIso8601(result.Run.To),
        Sensors = result.Run.SensorIds,
        result.Run.DryRun,
        result.Run.Counts.Readings,
        result.Run.Counts.Compared,
        Differences = result.Run.Counts.Findings,
        result.Run.Counts.Missing,
        result.Run.Counts.Surplus,
        result.Run.Counts.Differing,
        result.Run.Counts.Parse,
        result.Run.Counts.Corrected,
        result.Run.Counts.LeftAlone,
        result.Run.Counts.Unjudged,
        Notes = Notes(),
        Findings = result.Findings.Select(finding => new
        {
            Kind = finding.Kind.ToToken(),
            finding.Key?.SensorId,
            finding.Key?.Measurement,
            WindowStart = finding.Key is { } key ? EpochTime.ToIso8601(key.Start) : null,
            finding.Place?.Partition,
            finding.Place?.Offset,
            finding.Differs,
            Stored = Numbers(finding.Stored),
            Recomputed = Numbers(finding.Recomputed),
            Outcome = finding.Outcome.ToToken(),
        }),
    };

    private static object? Numbers(RunningStatistics? statistics) => statistics is { } s && double.IsFinite(s.Mean) && double.IsFinite(s.M2)
        ? new { s.Count, s.Mean, s.M2, s.Min, s.Max }
        : null;

    private static string Line(ReconciliationFinding finding) => finding.Key is { } key
        ? Invariant($"{finding.Kind.ToToken(),-9}  sensor {key.SensorId}, {key.Measurement}, {EpochTime.ToIso8601(key.Start)}: {finding.Differs} ({finding.Outcome.ToToken()})")
        : Invariant($"{finding.Kind.ToToken(),-9}  {finding.Place!.Value.Partition}:{finding.Place.Value.Offset}: {finding.Differs}");

    private List<string> Notes()
    {
        var notes = result.Skipped.Select(Note).ToList();
        notes.AddRange(result.RetentionBounds.Select(Note));
        if (result.HasUnreadPartitions)
        {
            notes.Add("There are partitions without a checkpoint: nothing of them is durable yet, so nothing of them was read.");
        }

        return notes;
    }

    private static string Note(SkippedWindows skipped)
    {
        var rows = Invariant($"{skipped.Rows:N0} row{(skipped.Rows == 1 ? "" : "s")} of windows that start from {EpochTime.ToIso8601(skipped.FirstStart)} to {EpochTime.ToIso8601(skipped.LastStart)}");
        return skipped.Reason switch
        {
            SkipReason.Open => $"Left alone, yet to close: {rows}.",
            SkipReason.ModifiedSince => $"Left alone, touched since the end of the run: {rows}.",
            SkipReason.BeyondLog => $"Cannot be judged, the log does not reach back that far: {rows}.",
            _ => $"Cannot be judged, from a topic that is gone, of a measurement that is not configured, or past retention: {rows}.",
        };
    }

    private static string Note(RetentionBound reach) => reach.Written == long.MaxValue
        ? Invariant($"Retention has emptied partition {reach.Source.Partition}: none of its windows can be judged.")
        : Invariant($"Partition {reach.Source.Partition} begins at offset {reach.Begin}, written {EpochTime.ToIso8601(reach.Written)}: windows that start before cannot be judged.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
