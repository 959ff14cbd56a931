using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Decides of each row whether it is right, wrong, or not for this run to say.</summary>
/// <param name="topicId">Of the log as it is at present.</param>
internal sealed class WindowComparer(ReconciliationRequest request, Guid topicId, OffsetRanges.Ranges ranges, IReadOnlyList<RetentionBound> reaches)
{
    private readonly Dictionary<SourceId, long> _ends = ranges.Sources.ToDictionary(range => range.Source, range => range.End);
    private readonly HashSet<string> _metrics = [.. request.Measurements.Select(measurement => measurement.Name)];
    private readonly long _reachesBackTo = reaches.Count == 0 ? long.MinValue : reaches.Max(reach => reach.Written);

    public enum Verdict
    {
        Equal,
        Wrong,

        /// <summary>It has yet to close.</summary>
        Open,

        /// <summary>It holds readings from beyond the end of the run.</summary>
        Touched,

        /// <summary>The log no longer holds all that was in it.</summary>
        BeyondLog,

        /// <summary>It comes from a topic that is gone, or is of a measurement that is configured no more, or retention may have removed it.</summary>
        NotOurs,
    }

    public (Verdict Verdict, ReconciliationFinding? Finding) Of(WindowPairs.Pair pair)
    {
        var finding = Compare(pair);
        return (Decide(pair, finding), finding);
    }

    private Verdict Decide(WindowPairs.Pair pair, ReconciliationFinding? finding)
    {
        var (key, recomputed, stored) = pair;
        if (stored is not null && (!_metrics.Contains(key.Measurement) || stored.Marks.ToArray().Any(mark => mark.Source.TopicId != topicId)))
        {
            return Verdict.NotOurs;
        }

        if (stored is { IsFinal: false } || (stored is null && !IsClosed(key)))
        {
            return Verdict.Open;
        }

        if (stored is not null && stored.Marks.ToArray().Any(mark => mark.Offset >= _ends.GetValueOrDefault(mark.Source)))
        {
            return Verdict.Touched;
        }

        if (key.Start < _reachesBackTo)
        {
            return Verdict.BeyondLog;
        }

        if (finding is null)
        {
            return Verdict.Equal;
        }

        // A clock that was ahead may have put readings into what the log has lost since.
        var mayLack = key.Start < Shifted(_reachesBackTo, request.MaxAhead) && stored is not null && !(recomputed?.Count > stored.Statistics.Count);
        return mayLack ? Verdict.BeyondLog
            : stored is null && key.End < request.KeptFrom ? Verdict.NotOurs
            : Verdict.Wrong;
    }

    private static ReconciliationFinding? Compare(WindowPairs.Pair pair) => pair switch
    {
        (var key, { } recomputed, null) => new(
            FindingKind.Missing, key, null, recomputed.ToStatistics(), null, $"sample_count -{recomputed.Count}"),
        (var key, null, { } stored) => new(
            FindingKind.Surplus, key, stored.Statistics, null, null, $"sample_count +{stored.Statistics.Count}"),
        (var key, { } recomputed, { } stored) when Differences.Describe(stored.Statistics, recomputed.ToStatistics()) is { } differs => new(
            FindingKind.Differing, key, stored.Statistics, recomputed.ToStatistics(), null, differs),
        _ => null,
    };

    /// <summary>Of a row that is not there: no source has it among its open windows, or has yet to get past its end.</summary>
    private bool IsClosed(WindowKey key) => ranges.Checkpoints.Values.All(
        checkpoint => key.Start < checkpoint.OpenFrom || key.End + request.Grace <= checkpoint.StreamTime);

    private static long Shifted(long moment, long by) => moment is long.MinValue or long.MaxValue ? moment : moment + by;
}
