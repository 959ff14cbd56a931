using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Terminal;

namespace GrainSensors.Reconcile;

/// <summary>The result of a reconciliation as text and as JSON.</summary>
internal sealed class ReconcileReport(
    ReconciliationResult result, LongerWindowsResult longer, string store, KafkaOptions kafka, IReadOnlyDictionary<int, string?> names)
{
    /// <summary>A screen holds about this many; the table has all findings.</summary>
    private const int FindingsShown = 20;

    public string ToText()
    {
        var (run, counts) = (result.Run, result.Run.Counts);
        var sensors = run.SensorIds is { } ids
            ? $"sensor{(ids.Count == 1 ? "" : "s")} {string.Join(", ", ids.Select(Sensor))}"
            : "all sensors";
        var readings = $"{Plural.Of(counts.Readings, "reading")} of {kafka.Topic} at {kafka.BootstrapServers}";
        var lines = new List<string>
        {
            $"Windows of {run.Period} from {EpochTime.ToIso8601(run.From)} to {EpochTime.ToIso8601(run.To)}, {sensors}, in {store}",
            $"{readings}, {run.Engine} engine, {Plural.Of(counts.Compared, "row")} compared",
        };
        lines.AddRange(result.Findings.Take(FindingsShown).Select(Line));
        var more = counts.Findings - Math.Min(FindingsShown, result.Findings.Count);
        if (more > 0)
        {
            lines.Add(Invariant($"… and {more:N0} more in the table reconciliation_findings"));
        }

        lines.AddRange(longer.Differing.Take(FindingsShown).Select(window =>
            $"merged     sensor {Sensor(window.SensorId)}, {window.Period}, {EpochTime.ToIso8601(window.Start)}: "
            + "not the merge of its parts"));
        lines.AddRange(Notes());
        if (longer.Compared > 0)
        {
            lines.Add(
                $"{Plural.Of(longer.Compared, "longer window")} compared with the windows that they are merged from: "
                + Invariant($"{longer.Differing.Count:N0} differ, {longer.Marked:N0} merged again"));
        }

        lines.Add(counts.Findings == 0
            ? "0 differences"
            : $"{Plural.Of(counts.Findings, "difference")}: "
                + Invariant($"{counts.Missing:N0} missing, {counts.Surplus:N0} surplus, ")
                + Invariant($"{counts.Differing:N0} differing, {counts.Parse:N0} parse; ")
                + (run.DryRun ? "dry run: nothing corrected" : Invariant($"{counts.Corrected:N0} corrected"))
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
        Sensors = result.Run.SensorIds?.Select(Sensor),
        result.Run.DryRun,
        result.Run.Counts.Readings,
        result.Run.Counts.Compared,
        Differences = result.Run.Counts.Findings,
        LongerWindowsCompared = longer.Compared,
        LongerWindowsDiffering = longer.Differing.Count,
        LongerWindowsMergedAgain = longer.Marked,
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
            SensorId = finding.Key is { } window ? Sensor(window.SensorId) : (SensorRef?)null,
            Metric = finding.Key?.Measurement,
            WindowStart = finding.Key is { } key ? EpochTime.ToIso8601(key.Start) : null,
            finding.Place?.Topic,
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

    private SensorRef Sensor(int id) => SensorRef.Of(id, names);

    private string Line(ReconciliationFinding finding)
    {
        var place = finding.Key is { } key
            ? Invariant($"sensor {Sensor(key.SensorId)}, {key.Measurement}, {EpochTime.ToIso8601(key.Start)}")
            : $"{finding.Place}";
        var outcome = finding.Key is null ? ""
            : finding.Kind == FindingKind.Parse ? " (left alone)"
            : $" ({finding.Outcome.ToToken()})";
        return $"{finding.Kind.ToToken(),-9}  {place}: {finding.Differs}{outcome}";
    }

    private List<string> Notes()
    {
        var notes = result.Skipped.Select(Note).ToList();
        notes.AddRange(result.RetentionBounds.Select(Note));
        if (result.HasUnreadPartitions)
        {
            notes.Add("Skipped: partitions without a checkpoint, whose windows are not stored yet.");
        }

        return notes;
    }

    private static string Note(SkippedWindows skipped)
    {
        var (first, last) = (EpochTime.ToIso8601(skipped.FirstStart), EpochTime.ToIso8601(skipped.LastStart));
        var starts = first == last ? $"at {first}" : $"from {first} to {last}";
        var rows = $"{Plural.Of(skipped.Rows, "row")} of windows that start {starts}";
        return skipped.Reason switch
        {
            SkipReason.Open => $"Skipped, still open: {rows}.",
            SkipReason.ModifiedSince => $"Skipped, changed during the run: {rows}.",
            SkipReason.Ambiguous => $"Not comparable, read while the configuration of their messages changed: {rows}.",
            SkipReason.NoPercentiles => $"Without percentiles, which `recompute --statistics` fills from the log: {rows}.",
            SkipReason.BeyondLog => $"Not comparable, older than the log: {rows}.",
            _ => $"Not comparable, from a source or a deleted topic, of an unconfigured measurement, or past retention: {rows}.",
        };
    }

    private static string Note(RetentionBound reach) => reach.Written == long.MaxValue
        ? Invariant($"{Partition(reach)} has no message left to judge by: none of its windows is comparable.")
        : Invariant($"{Partition(reach)} is judged from offset {reach.Begin}, written {EpochTime.ToIso8601(reach.Written)}: ")
            + "windows that start earlier are not comparable.";

    private static string Partition(RetentionBound reach) =>
        Invariant($"Partition {reach.Source.Partition}{(reach.Topic is null ? "" : $" of {reach.Topic}")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
