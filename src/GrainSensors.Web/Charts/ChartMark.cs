using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Charts;

/// <summary>An alert on a chart. Times are in µs since the epoch.</summary>
/// <param name="End">The present time while the alert is open.</param>
/// <param name="Text">The alert's message.</param>
public readonly record struct ChartMark(long Start, long End, bool IsError, string Text)
{
    /// <param name="now">µs since the epoch.</param>
    public static ChartMark Of(Alert alert, long now) =>
        new(alert.RaisedAt, alert.ClearedAt ?? now, alert.Level == AlertLevel.Error, alert.Message);
}
