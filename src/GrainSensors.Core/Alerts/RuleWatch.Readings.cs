using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules that are judged by whole readings.</summary>
public partial struct RuleWatch
{
    /// <param name="reading">A reading without a value.</param>
    /// <param name="values">Its values.</param>
    internal void ObserveAll(
        in WatchedValue reading, ReadOnlySpan<MeasuredValue> values, WatchedRule rule, ICollection<AlertChange> changes)
    {
        if (rule.Condition is ExpressionCondition condition)
        {
            _latest = LatestValues.Of(_latest, condition.Expression.Measurements);
            if (_latest.Take(values, reading.At))
            {
                var at = Math.Max(reading.At, reading.HeardBefore);
                var place = _latest.Measurements.IndexOf(rule.Key.Measurement);
                var value = place < 0 ? double.NaN : _latest.Values[place];
                Judge(condition.Judge(_latest, at), new(reading.SensorId, rule.Key.Measurement, value, at, reading.HeardBefore), rule, changes);
            }
        }
    }

    /// <summary>Marks the measurements of which values are kept.</summary>
    internal readonly void MarkInputs(Span<bool> measurements) => _latest?.Mark(measurements);

    private readonly string? Found(WatchedRule rule) => rule.Condition is ExpressionCondition condition && _latest is not null
        ? condition.Expression.Describe(_latest.Values)
        : null;
}
