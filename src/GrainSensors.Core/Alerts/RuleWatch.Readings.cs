using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules that are judged by whole readings.</summary>
public partial struct RuleWatch
{
    /// <param name="values">The values of the reading.</param>
    internal void ObserveAll(
        in WatchedReading reading, ReadOnlySpan<MeasuredValue> values, WatchedRule rule, ICollection<AlertChange> changes)
    {
        switch (rule.Condition)
        {
            case ExpressionCondition expression:
                ObserveExpression(reading, values, expression, rule, changes);
                break;
            case DisconnectedCondition silence:
                ObserveSilence(reading, values, silence, rule, changes);
                break;
            case MissingCondition missing:
                CountReading(reading, values, missing, rule);
                break;
            case WindowCondition window:
                AddToWindow(reading, values, window, rule);
                break;
        }
    }

    /// <summary>Marks the measurements of which values are kept.</summary>
    internal readonly void MarkInputs(Span<bool> measurements) => _latest?.Mark(measurements);

    private void ObserveExpression(
        in WatchedReading reading,
        ReadOnlySpan<MeasuredValue> values,
        ExpressionCondition condition,
        WatchedRule rule,
        ICollection<AlertChange> changes)
    {
        _latest = LatestValues.Of(_latest, condition.Expression.Measurements);
        if (!_latest.Take(values, reading.At))
        {
            return;
        }

        var at = Math.Max(reading.At, reading.HeardBefore);
        var place = _latest.Measurements.IndexOf(rule.Key.Measurement);
        var value = place < 0 ? double.NaN : _latest.Values[place];
        Judge(
            condition.Judge(_latest, at), new(reading.SensorId, rule.Key.Measurement, value, at, reading.HeardBefore), rule, changes);
    }

    private readonly string? Found(WatchedRule rule) => rule.Condition is ExpressionCondition condition && _latest is not null
        ? condition.Expression.Describe(_latest.Values)
        : null;
}
