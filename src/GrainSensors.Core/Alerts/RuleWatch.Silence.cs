using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules about silence, which stream time judges.</summary>
public partial struct RuleWatch
{
    /// <returns>The stream time after which the rule must be checked; <see cref="long.MaxValue"/> if it waits for nothing.</returns>
    /// <param name="now">Any moment after the last reading.</param>
    internal readonly long DueAt(WatchedRule rule, in WatchedReading now) => rule.Condition switch
    {
        DisconnectedCondition silence => SilenceDueAt(silence, rule, now.WaitingSince),
        MissingCondition missing => WindowDueAt(missing, rule, now.ExpectedFrom),
        WindowCondition window => WindowClosesAfter(window),
        _ => long.MaxValue,
    };

    /// <summary>Judges what stream time decides.</summary>
    /// <param name="moment">A time that has come.</param>
    internal void Check(in WatchedReading moment, WatchedRule rule, ICollection<AlertChange> changes)
    {
        if (rule.Condition is MissingCondition missing)
        {
            CheckWindows(moment, missing, rule, changes);
        }
        else if (rule.Condition is WindowCondition window)
        {
            CloseWindows(moment, window, rule, changes);
        }
        else if (DueAt(rule, moment) is var due && due < moment.At)
        {
            var last = IsOfSensor(rule) ? moment.LastReadingAt : _memory.At;
            Raise(new(moment.SensorId, rule.Key.Measurement, double.NaN, due, last), rule, changes);
        }
    }

    private readonly long SilenceDueAt(DisconnectedCondition condition, WatchedRule rule, long waitingSince)
    {
        if (_alert.IsOpen)
        {
            return long.MaxValue;
        }

        var (since, timeout) = (SilentSince(rule, waitingSince), condition.TimeoutOf(_memory));
        if (since == WatchedReading.Never || timeout == long.MaxValue)
        {
            return long.MaxValue;
        }

        // A late reading clears an alert at its raising, and a timeout may become shorter.
        var due = since + timeout + rule.DwellTime;
        return _alert.Occurrences > 0 ? Math.Max(due, _alert.ClearedAt) : due;
    }

    private void ObserveSilence(
        in WatchedReading reading,
        ReadOnlySpan<MeasuredValue> values,
        DisconnectedCondition condition,
        WatchedRule rule,
        ICollection<AlertChange> changes)
    {
        var value = ValueOf(rule, values);
        if (IsOfSensor(rule) ? !reading.IsGood : double.IsNaN(value) || (_memory.IsSet && reading.At <= _memory.At))
        {
            return;
        }

        var timeout = condition.TimeoutOf(_memory);
        var isStale = reading.StreamTime != WatchedReading.Never && timeout != long.MaxValue
            && reading.StreamTime - reading.At > timeout + rule.DwellTime;
        if (!isStale)
        {
            Clear(new(reading.SensorId, rule.Key.Measurement, value, reading.At, reading.HeardBefore), rule.Key, false, changes);
        }

        if (condition.Timeout is null || !IsOfSensor(rule))
        {
            _memory = condition.Learn(_memory, reading.At);
        }
    }

    private static bool IsOfSensor(WatchedRule rule) => rule.Key.Measurement == AlertChange.WholeSensor;

    private readonly long SilentSince(WatchedRule rule, long waitingSince) =>
        IsOfSensor(rule) ? waitingSince : _memory.IsSet ? _memory.At : WatchedReading.Never;

    /// <returns>The value of the rule's measurement, or any value for a rule about the sensor; NaN if there is none.</returns>
    private static double ValueOf(WatchedRule rule, ReadOnlySpan<MeasuredValue> values)
    {
        foreach (var (measurement, value) in values)
        {
            if ((measurement == rule.Key.Measurement || IsOfSensor(rule)) && double.IsFinite(value))
            {
                return value;
            }
        }

        return double.NaN;
    }
}
