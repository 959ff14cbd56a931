using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules about statistics of windows, which stream time closes.</summary>
public partial struct RuleWatch
{
    private void AddToWindow(in WatchedReading reading, ReadOnlySpan<MeasuredValue> values, WindowCondition condition, WatchedRule rule)
    {
        var value = ValueOf(rule, values);
        if (double.IsNaN(value))
        {
            return;
        }

        if (_window?.IsOf(condition) != true)
        {
            // Values before this one are unknown, so the statistic of its own window would be that of a part.
            var from = Math.Max(reading.StreamTime, Math.Max(reading.At, reading.HeardBefore));
            _window = new(RuleWindow.StartAfter(from, condition.Per), condition.Per, condition.Statistic);
        }

        // The next check closes a window that is over. One without values waits for no check, but is as much over.
        var isOver = _window.IsEmpty && _window.End <= reading.StreamTime;
        if (reading.At >= _window.Start && reading.At < _window.End && !isOver)
        {
            _window.Add(value);
        }
    }

    private readonly long WindowClosesAfter(WindowCondition condition)
    {
        if (_window?.IsOf(condition) != true)
        {
            return long.MaxValue;
        }

        var isAwaited = !_window.IsEmpty || condition.VerdictOf(_window.Value) switch
        {
            RuleVerdict.Above or RuleVerdict.Below => !_alert.IsOpen,
            RuleVerdict.Calm => _alert.IsOpen,
            _ => false,
        };
        return isAwaited ? _window.End - 1 : long.MaxValue;
    }

    /// <summary>Judges the windows that are over.</summary>
    private void CloseWindows(in WatchedReading moment, WindowCondition condition, WatchedRule rule, ICollection<AlertChange> changes)
    {
        if (_window?.IsOf(condition) != true || moment.At < _window.End)
        {
            return;
        }

        var (per, end, value) = (condition.Per, _window.End, _window.Value);
        Judge(condition.VerdictOf(value), ValueAt(moment, end, value, rule), rule, changes);
        var empty = (moment.At - end) / per;
        _window.MoveTo(end + (empty * per));
        if (empty > 0)
        {
            JudgeEmptyWindows(moment, end + per, empty, condition, rule, changes);
        }
    }

    /// <summary>Judges windows without values, however many. They have a statistic if it is their number.</summary>
    /// <param name="first">The end of the first one.</param>
    private void JudgeEmptyWindows(
        in WatchedReading moment, long first, long count, WindowCondition condition, WatchedRule rule, ICollection<AlertChange> changes)
    {
        var verdict = condition.Statistic.IsCount ? condition.VerdictOf(0) : RuleVerdict.None;
        if (verdict is RuleVerdict.Above or RuleVerdict.Below)
        {
            ViolateByEmptyWindows(moment, first, count, condition.Per, verdict, rule, changes);
        }
        else
        {
            Judge(verdict, ValueAt(moment, first, 0, rule), rule, changes);
        }
    }
}
