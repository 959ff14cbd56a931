using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Charts;

/// <summary>An alert on a chart. Times are in µs since the epoch.</summary>
/// <param name="Start">Start of the first interval on the chart.</param>
/// <param name="Text">The alert's message.</param>
/// <param name="Intervals">The times during which the alert was open, at least one.</param>
public readonly record struct ChartMark(
    long Start, bool IsError, string Text, IReadOnlyList<(long Start, long End)> Intervals)
{
    /// <summary>The marks of alerts that have an interval.</summary>
    /// <param name="now">End of the intervals that are open, µs since the epoch.</param>
    public static IEnumerable<ChartMark> Of(IEnumerable<Alert> alerts, ILookup<Guid, AlertInterval> intervals, long now) =>
        from alert in alerts
        let spans = intervals[alert.Id].Select(interval => (Start: interval.RaisedAt, End: interval.ClearedAt ?? now)).ToList()
        where spans.Count > 0
        select new ChartMark(spans.Min(span => span.Start), alert.Level == AlertLevel.Error, alert.Message, spans);
}
