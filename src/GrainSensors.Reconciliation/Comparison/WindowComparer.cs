using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Decides for each row whether it is right, wrong, or beyond what this run can decide.</summary>
/// <param name="topics">The topics of readings and of sources, as they exist now.</param>
internal sealed class WindowComparer(
    ReconciliationRequest request, IReadOnlyList<LogTopic> topics, OffsetRanges.Ranges ranges, IReadOnlyList<RetentionBound> bounds,
    DisputedWindows disputed, bool knowsDiscovered, IReadOnlySet<(int SensorId, long Start)> ambiguous)
{
    private readonly Dictionary<SourceId, long> _ends = ranges.Sources.ToDictionary(range => range.Source, range => range.End);

    /// <summary>For each measurement the time from which windows are compared.</summary>
    private readonly Dictionary<string, long> _since = request.Measurements
        .Select(measurement => (measurement.Name, SinceOf(measurement.Name, request, ranges)))
        .Concat(knowsDiscovered ? request.Discovered.Select(measurement => (measurement.Name, measurement.Since)) : [])
        .ToDictionary();

    private readonly Dictionary<SourceId, long> _begins = bounds.ToDictionary(bound => bound.Source, bound => bound.Written);

    /// <summary>What was never read is missing in no row.</summary>
    private readonly long _logBegins = bounds.Where(bound => !bound.IsUnread).Select(bound => bound.Written)
        .DefaultIfEmpty(long.MinValue).Max();

    private readonly HashSet<Guid> _topics = [.. topics.Select(topic => topic.Id)];

    /// <summary>The result of comparing one row.</summary>
    public enum Verdict
    {
        Equal,
        Wrong,

        /// <summary>
        /// The row is wrong according to the engine, but the window holds a message that the stream classifies differently.
        /// </summary>
        Disputed,

        /// <summary>The window has not closed yet.</summary>
        Open,

        /// <summary>The row holds readings from beyond the end of the run.</summary>
        ModifiedSince,

        /// <summary>The log no longer holds every reading of the window.</summary>
        BeyondLog,

        /// <summary>
        /// The row comes from a topic that is no longer read or that was deleted, from a measurement that the engine does not know or that
        /// was not known yet, or retention may have removed it.
        /// </summary>
        NotOurs,

        /// <summary>See <see cref="LogReading.Ambiguous"/>.</summary>
        Ambiguous,
    }

    public (Verdict Verdict, ReconciliationFinding? Finding) Of(WindowPairs.Pair pair)
    {
        var finding = Compare(pair);
        var verdict = Decide(pair, finding);
        return verdict == Verdict.Wrong && disputed.Find(pair.Key, pair.Stored) is var (description, place)
            ? (Verdict.Disputed, finding! with { Kind = FindingKind.Parse, Place = place, Differs = $"{finding.Differs}; {description}" })
            : (verdict, finding);
    }

    /// <summary>
    /// Whether the row has the values of the log and no others, even where that can be decided of no other row. Every reading below a
    /// checkpoint is in its row, so a row with as many values holds just those.
    /// </summary>
    public bool Confirms(WindowPairs.Pair pair) =>
        pair is { Recomputed: not null, Stored.IsFinal: true } && !ambiguous.Contains((pair.Key.SensorId, pair.Key.Start))
        && Compare(pair) is null;

    private Verdict Decide(WindowPairs.Pair pair, ReconciliationFinding? finding)
    {
        var (key, recomputed, stored) = pair;
        if (key.Start < _since.GetValueOrDefault(key.Measurement, long.MaxValue)
            || (stored is not null && HasMark(stored, mark => !_topics.Contains(mark.Source.TopicId))))
        {
            return Verdict.NotOurs;
        }

        if (ambiguous.Contains((key.SensorId, key.Start)))
        {
            return Verdict.Ambiguous;
        }

        if (stored is { IsFinal: false } || (stored is null && !IsClosed(key)))
        {
            return Verdict.Open;
        }

        if (stored is not null && HasMark(stored, IsTruncated))
        {
            // The row holds readings that the log has lost.
            return Verdict.BeyondLog;
        }

        if (stored is not null && HasMark(stored, mark => mark.Offset >= _ends.GetValueOrDefault(mark.Source.WithoutIncarnation())))
        {
            return Verdict.ModifiedSince;
        }

        var logBegins = LogBegins(stored);
        if (key.Start < logBegins)
        {
            return Verdict.BeyondLog;
        }

        if (finding is null)
        {
            return Verdict.Equal;
        }

        // A sensor whose clock was ahead may have written readings of this window into the part of the log that is gone.
        var mayLackReadings = key.Start < Shifted(logBegins, request.MaxAhead)
            && stored is not null && !(recomputed?.Count > stored.Statistics.Count);
        return mayLackReadings ? Verdict.BeyondLog
            : stored is null && key.End < request.KeptFrom ? Verdict.NotOurs
            : Verdict.Wrong;
    }

    /// <summary>When the log began to hold every reading that the row may have: it has a mark of each source with readings in it.</summary>
    private long LogBegins(WindowRow? stored)
    {
        if (stored is null)
        {
            return _logBegins;
        }

        var begins = long.MinValue;
        foreach (var mark in stored.Marks.ToArray())
        {
            begins = Math.Max(begins, _begins.GetValueOrDefault(mark.Source.WithoutIncarnation(), long.MinValue));
        }

        return begins;
    }

    private bool IsTruncated(Mark mark) =>
        ranges.Checkpoints.GetValueOrDefault(mark.Source.WithoutIncarnation())?.Epochs?.IsTruncated(mark) == true;

    /// <summary>A measurement may have been discovered before it was declared. Earlier windows were accumulated without it.</summary>
    private static long SinceOf(string measurement, ReconciliationRequest request, OffsetRanges.Ranges ranges) =>
        ranges.Sources.Any(range => range.Versions.Count > 1) && request.Stored.Any(stored => stored.Name == measurement)
            ? request.Stored.First(stored => stored.Name == measurement).Since
            : long.MinValue;

    private static bool HasMark(WindowRow stored, Func<Mark, bool> condition) => stored.Marks.ToArray().Any(condition);

    private static ReconciliationFinding? Compare(WindowPairs.Pair pair) => pair switch
    {
        (var key, { } recomputed, null) => new(
            FindingKind.Missing, key, null, recomputed.ToStatistics(), null, $"sample_count -{recomputed.Count}"),
        (var key, null, { } stored) => new(
            FindingKind.Surplus, key, stored.Statistics, null, null, $"sample_count +{stored.Statistics.Count}"),
        (var key, { } recomputed, { } stored)
            when Differences.Describe(stored.Statistics, recomputed.ToStatistics()) is { } differences => new(
                FindingKind.Differing, key, stored.Statistics, recomputed.ToStatistics(), null, differences),
        (var key, { } recomputed, { } stored)
            when Differences.DescribePercentiles(stored.Sketch, recomputed) is { } differences => new(
                FindingKind.Differing, key, stored.Statistics, stored.Statistics, null, differences),
        _ => null,
    };

    /// <summary>
    /// Decides for a missing row whether its window is closed: each source lists it no longer as open, or has a stream time
    /// past its end and grace.
    /// </summary>
    private bool IsClosed(WindowKey key) => ranges.Checkpoints.Values.All(
        checkpoint => key.Start < checkpoint.OpenFrom || key.End + request.Grace <= checkpoint.StreamTime);

    private static long Shifted(long time, long by) => time is long.MinValue or long.MaxValue ? time : time + by;
}
