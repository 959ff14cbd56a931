namespace GrainSensors.Core.Alerts;

/// <summary>Watches one sensor by one rule as data: what the condition remembers, the dwell, and the last alert.</summary>
public partial struct RuleWatch
{
    private RuleMemory _memory;
    private AlertState _alert;
    private long _violatedSince;

    /// <summary>The number of consecutive violations; negative if they fall or are too low.</summary>
    private int _violations;

    /// <summary>Of a rule over several measurements; null: none yet.</summary>
    private LatestValues? _latest;

    /// <summary>Of a rule about windows; null: none yet.</summary>
    private RuleWindow? _window;

    public readonly AlertState Alert => _alert;

    /// <summary>Whether a reading was judged.</summary>
    internal readonly bool HasSeen =>
        _memory.IsSet || _latest is not null || _window is not null || _alert.Occurrences > 0 || _violations != 0;

    /// <param name="reading">A value of the rule's measurement.</param>
    internal void Observe(in WatchedValue reading, WatchedRule rule, ICollection<AlertChange> changes)
    {
        // A late reading does not describe the present state.
        if (rule.Condition is ValueCondition condition && !reading.IsLate && double.IsFinite(reading.Value))
        {
            Judge(condition.Judge(reading, _alert.IsOpen, ref _memory), reading, rule, changes);
        }
    }

    internal void Judge(RuleVerdict verdict, in WatchedValue reading, WatchedRule rule, ICollection<AlertChange> changes)
    {
        switch (verdict)
        {
            case RuleVerdict.Above or RuleVerdict.Below:
                Violate(reading, rule, verdict == RuleVerdict.Above ? 1 : -1, changes);
                break;
            case RuleVerdict.Held:
                _violations = 0;
                break;
            case RuleVerdict.Calm:
                _violations = 0;
                Clear(reading, rule.Key, isRuleGone: false, changes);
                break;
        }
    }

    /// <summary>Clears the open alert of a sensor that was removed, or of a rule that no longer applies.</summary>
    /// <param name="last">A reading without a value.</param>
    internal void Dismiss(in WatchedValue last, RuleKey rule, bool isRuleGone, ICollection<AlertChange> changes) =>
        Clear(last, rule, isRuleGone, changes);

    /// <inheritdoc cref="ValueWatch.Forget"/>
    internal void Forget(in WatchedValue last, RuleKey rule, ICollection<AlertChange> changes)
    {
        if (_alert.RaisedAt <= last.At)
        {
            Clear(last, rule, isRuleGone: false, changes);
            (_alert, _violations) = (default, 0);
        }

        if (_window?.Start <= last.At)
        {
            // It has values that a repetition leaves out.
            _window = null;
        }
    }

    /// <summary>Sets the last alert.</summary>
    internal void Restore(AlertState alert) => _alert = alert;

    /// <inheritdoc cref="SensorWatch.CountAtLeast"/>
    internal void CountAtLeast(int occurrences) => _alert = _alert with { Occurrences = Math.Max(_alert.Occurrences, occurrences) };

    internal readonly void Write(StateWriter writer, long @base, StateColumns columns)
    {
        var flags = (_memory.IsSet ? 1 : 0)
            | (_alert.Occurrences > 0 ? 2 : 0)
            | (_violations != 0 ? 4 : 0)
            | (_latest is not null ? 8 : 0)
            | (_window is not null ? 16 : 0);
        writer.Byte((byte)flags);
        if (_memory.IsSet)
        {
            _memory.Write(writer, @base);
        }

        if (_alert.Occurrences > 0)
        {
            _alert.Write(writer, @base);
        }

        if (_violations != 0)
        {
            writer.Signed(@base - _violatedSince);
            writer.Signed(_violations);
        }

        _latest?.Write(writer, @base, columns.Inputs);
        _window?.Write(writer, @base);
    }

    internal static RuleWatch Read(ref StateReader reader, long @base, StateColumns columns)
    {
        var flags = reader.Byte();
        var watch = default(RuleWatch);
        watch._memory = (flags & 1) != 0 ? RuleMemory.Read(ref reader, @base) : default;
        watch._alert = (flags & 2) != 0 ? AlertState.Read(ref reader, @base) : default;
        if ((flags & 4) != 0)
        {
            watch._violatedSince = @base - reader.Signed();
            watch._violations = (int)reader.Signed();
        }

        watch._latest = (flags & 8) != 0 ? LatestValues.Read(ref reader, @base, columns.Inputs) : null;
        watch._window = (flags & 16) != 0 ? RuleWindow.Read(ref reader, @base) : null;
        return watch;
    }

    private void Violate(in WatchedValue reading, WatchedRule rule, int direction, ICollection<AlertChange> changes)
    {
        if (Math.Sign(_violations) != direction)
        {
            (_violations, _violatedSince) = (0, reading.At);
        }

        // The count saturates where no rule asks for more.
        _violations = Math.Clamp(_violations + direction, -int.MaxValue, int.MaxValue - 1);
        if (!_alert.IsOpen && Math.Abs(_violations) >= rule.DwellReadings && reading.At - _violatedSince >= rule.DwellTime)
        {
            Raise(reading, rule, changes);
        }
    }

    private void Raise(in WatchedValue reading, WatchedRule rule, ICollection<AlertChange> changes)
    {
        var transition = _alert.IsWithin(reading.At, rule.CoolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
        _alert = _alert.Raise(reading.At, rule.CoolDown);
        changes.Add(Change(reading, rule.Key, transition, isRuleGone: false) with
        {
            Found = Found(rule),
            Expected = rule.Condition is MissingCondition missing ? missing.ExpectedOf(_memory) : double.NaN,
        });
    }

    private void Clear(in WatchedValue reading, RuleKey rule, bool isRuleGone, ICollection<AlertChange> changes)
    {
        if (_alert.IsOpen)
        {
            _alert = _alert.Clear(reading.At);
            changes.Add(Change(reading with { At = _alert.ClearedAt }, rule, AlertTransition.Cleared, isRuleGone));
        }
    }

    private readonly AlertChange Change(in WatchedValue reading, RuleKey rule, AlertTransition transition, bool isRuleGone) => new(
        reading.SensorId,
        rule.Measurement,
        rule.Kind,
        transition,
        _alert.RaisedAt,
        _alert.LastRaisedAt,
        reading.At,
        reading.Value,
        double.NaN,
        reading.HeardBefore,
        _alert.Occurrences)
    {
        Rule = rule,
        IsRuleGone = isRuleGone,
    };
}
