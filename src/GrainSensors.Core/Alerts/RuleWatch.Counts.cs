using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules about the number of readings in a window, which stream time judges.</summary>
public partial struct RuleWatch
{
    private readonly long WindowDueAt(MissingCondition condition, WatchedRule rule, long expectedFrom)
    {
        if (IsCounting(condition))
        {
            // Without readings nothing changes any more.
            var isSettled = _memory.Usual == 0 && (_alert.IsOpen || double.IsNaN(condition.LimitOf(_memory)));
            return isSettled ? long.MaxValue : _memory.At - 1;
        }

        return condition.Least is null || !IsOfSensor(rule) || expectedFrom == WatchedReading.Never
            ? long.MaxValue
            : condition.StartAfter(expectedFrom) + condition.Per - 1;
    }

    /// <summary>Judges the windows that are over.</summary>
    private void CheckWindows(in WatchedReading moment, MissingCondition condition, WatchedRule rule, ICollection<AlertChange> changes)
    {
        if (!IsCounting(condition))
        {
            if (!IsOfSensor(rule) || moment.ExpectedFrom == WatchedReading.Never)
            {
                return;
            }

            _memory = condition.Begin(moment.ExpectedFrom);
        }

        if (moment.At < _memory.At)
        {
            return;
        }

        JudgeWindow(moment, condition, rule, changes);
        var (per, end) = (condition.Per, _memory.At);
        var empty = (moment.At - end) / per;
        if (empty > 0 && !double.IsNaN(condition.LimitOf(_memory)))
        {
            ViolateByEmptyWindows(moment, end + per, empty, per, RuleVerdict.Below, rule, changes);
        }

        var start = end + (empty * per);
        _memory = _memory with { Since = start, At = start + per, Usual = 0 };
    }

    private void CountReading(in WatchedReading reading, ReadOnlySpan<MeasuredValue> values, MissingCondition condition, WatchedRule rule)
    {
        if (double.IsNaN(ValueOf(rule, values)))
        {
            return;
        }

        if (!IsCounting(condition))
        {
            _memory = condition.Begin(IsOfSensor(rule) ? reading.HeardBefore : reading.At);
        }

        if (reading.At >= _memory.Since && reading.At < _memory.At)
        {
            _memory = _memory with { Usual = _memory.Usual + 1 };
        }
    }

    /// <returns>Whether the memory is of windows of the rule. It is not if the rule had another size of them before.</returns>
    private readonly bool IsCounting(MissingCondition condition) => _memory.IsSet && _memory.At - _memory.Since == condition.Per;

    private void JudgeWindow(in WatchedReading moment, MissingCondition condition, WatchedRule rule, ICollection<AlertChange> changes)
    {
        var limit = condition.LimitOf(_memory);
        var verdict = double.IsNaN(limit) ? RuleVerdict.None : _memory.Usual < limit ? RuleVerdict.Below : RuleVerdict.Calm;
        Judge(verdict, ValueAt(moment, _memory.At, _memory.Usual, rule), rule, changes);
        _memory = condition.Learn(_memory);
    }

    /// <summary>Judges windows without readings, however many: each violates the rule.</summary>
    /// <param name="first">The end of the first one.</param>
    /// <param name="per">The size of a window.</param>
    private void ViolateByEmptyWindows(
        in WatchedReading moment, long first, long count, long per, RuleVerdict verdict, WatchedRule rule, ICollection<AlertChange> changes)
    {
        var direction = verdict == RuleVerdict.Above ? 1 : -1;
        if (Math.Sign(_violations) != direction)
        {
            (_violations, _violatedSince) = (0, first);
        }

        var before = Math.Abs((long)_violations);
        var missing = Math.Max(0, _violatedSince + rule.DwellTime - first);
        var raising = Math.Max(rule.DwellReadings - before, 1 + (missing / per) + (missing % per > 0 ? 1 : 0));
        raising = Math.Max(1, raising);
        if (!_alert.IsOpen && raising <= count)
        {
            _violations = direction * Saturated(before + raising - 1);
            Judge(verdict, ValueAt(moment, first + ((raising - 1) * per), 0, rule), rule, changes);
        }

        _violations = direction * Saturated(before + count);
    }

    private static int Saturated(long count) => (int)Math.Min(count, int.MaxValue - 1);

    /// <param name="end">Of a window.</param>
    private static WatchedValue ValueAt(in WatchedReading moment, long end, double value, WatchedRule rule) =>
        new(moment.SensorId, rule.Key.Measurement, value, end, moment.HeardBefore);
}
