using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>Watches one sensor: its silence and its values.</summary>
/// <param name="measurements">The number of measurements.</param>
/// <param name="primaryMeasurement"><see cref="MeasurementSet.Primary"/>.</param>
public sealed partial class SensorWatch(int sensorId, int measurements, int primaryMeasurement = 0)
{
    /// <summary>The time of a reading that does not exist.</summary>
    public const long Never = long.MinValue;

    private ValueWatches _values;
    private RuleWatches _rules;
    private AlertState _silence;
    private long _heard = Never;
    private long _lastGood = Never;

    /// <summary>The start of the silence: the last good reading, or the time from which the first reading is expected.</summary>
    private long _waitingSince = Never;

    /// <summary>Whether the sensor ever sent a value of the primary measurement. A later reading without one means a lost probe.</summary>
    private bool _hasPrimary;

    public int SensorId => sensorId;

    /// <summary>The time of the newest reading with a value, µs since the epoch, or <see cref="Never"/>.</summary>
    public long LastReadingAt => _lastGood;

    public AlertState Silence => _silence;

    /// <summary>Whether the sensor ever sent a reading, with or without a value.</summary>
    public bool IsHeard => _heard != Never;

    /// <summary>The start of the silence, µs since the epoch; <see cref="Never"/> if no reading is expected yet.</summary>
    public long WaitingSince => _waitingSince;

    /// <summary>The watches of the measurements.</summary>
    public ValueWatches Values => _values;

    /// <summary>The watches by rules as data.</summary>
    public RuleWatches Rules => _rules;

    /// <summary>Whether the registry held the sensor when it was last read.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>Expects a first reading of a sensor that has not reported yet.</summary>
    /// <param name="from">The start of the silence, µs since the epoch.</param>
    public void Expect(long from)
    {
        if (_waitingSince == Never)
        {
            _waitingSince = from;
        }
    }

    /// <summary>Clears the open alerts of a sensor that was removed from the registry.</summary>
    /// <param name="at">The time of the removal, µs since the epoch.</param>
    public void Dismiss(long at, ICollection<AlertChange> changes)
    {
        _waitingSince = Never;
        if (_silence.IsOpen)
        {
            _silence = _silence.Clear(at);
            changes.Add(Change(AlertTransition.Cleared, _silence.ClearedAt, double.NaN));
        }

        _values.Dismiss(Nothing(at), changes);
        _rules.Dismiss(Nothing(at), changes);
    }

    /// <returns>A reading without a value.</returns>
    private WatchedValue Nothing(long at) => new(sensorId, -1, double.NaN, at, _heard == Never ? at : _heard);

    /// <summary>
    /// Whether the sensor has not reported after a time, µs since the epoch. A sensor that never reported may have been registered after
    /// it: its first reading is then due later.
    /// </summary>
    public bool IsOverBy(long time, AlertRules rules) => IsHeard
        ? _heard <= time
        : _waitingSince == Never || _waitingSince + rules.Disconnection.Timeout <= time;

    /// <summary>Clears and forgets the alerts that were raised up to a time. Their next occurrences are new alerts.</summary>
    /// <param name="until">The time of the dismissal; the sensor has reported after it. µs since the epoch.</param>
    public void Forget(long until, AlertRules rules, ICollection<AlertChange> changes)
    {
        _values.Forget(new(sensorId, -1, double.NaN, until, _heard), changes);
        _rules.Forget(new(sensorId, -1, double.NaN, until, _heard), changes);
        if (_silence.RaisedAt > until)
        {
            return;
        }

        if (_silence.IsOpen)
        {
            _silence = _silence.Clear(until);
            changes.Add(Change(AlertTransition.Cleared, _silence.ClearedAt, double.NaN));
        }

        _silence = default;
        if (_waitingSince <= until && _heard > until)
        {
            // All readings since the dismissal are without a value.
            _waitingSince = _heard;
            if (rules.Disconnection.IsEnabled)
            {
                RaiseSilence(_heard, rules, changes);
            }
        }
    }

    /// <summary>
    /// Raises the occurrences of the last alert to those of the alerts table. The table can have more of them if readings arrived in
    /// another order before a crash.
    /// </summary>
    /// <param name="measurement">The index of the measurement; −1 for the alert about silence.</param>
    /// <param name="rule">The rule as data; null: a built-in one.</param>
    internal void CountAtLeast(int measurement, RuleKey? rule, int occurrences)
    {
        if (rule is not null)
        {
            _rules.CountAtLeast(rule, occurrences);
        }
        else if (measurement < 0)
        {
            _silence = _silence with { Occurrences = Math.Max(_silence.Occurrences, occurrences) };
        }
        else
        {
            _values.Of(measurement).CountAtLeast(occurrences);
        }
    }

    /// <summary>Takes a reading. The readings of one source arrive in the order of their offsets.</summary>
    /// <param name="streamTime">The stream time of the source before this reading, µs since the epoch.</param>
    /// <param name="now">The wall clock, µs since the epoch; <see cref="long.MaxValue"/> to take event times as they are.</param>
    /// <param name="changes">Receives the transitions that the reading causes, in their order.</param>
    public void Observe(
        in BatchedReading reading, ReadOnlySpan<MeasuredValue> values, long streamTime, long now, AlertRules rules,
        ICollection<AlertChange> changes)
    {
        // A sensor's clock may be ahead. If its time counted, silence would go unnoticed until then, and all readings after a
        // correction of the clock would count as late. A time that is ahead by at most the timeout does little harm. It stays
        // as it is, because it is the same when the reading is processed again.
        var at = reading.Timestamp;
        at = at - rules.Disconnection.Timeout > now ? now : at;
        var heardBefore = _heard == Never ? at : _heard;

        // A batch can span more time than the timeout: a gap in it ends before the next tick could find it.
        CheckSilence(at, rules, changes);
        if (_rules.HasTimed)
        {
            CheckRules(at, changes);
        }

        _heard = Math.Max(heardBefore, at);
        var (waitingSince, lastGood) = (_waitingSince, _lastGood);
        if (IsGood(values, out var primary))
        {
            ObserveGood(at, primary, streamTime, rules, changes);
        }
        else if (rules.Disconnection.IsEnabled && !_silence.IsOpen && at >= heardBefore)
        {
            RaiseSilence(at, rules, changes);
        }

        foreach (var (measurement, value) in values)
        {
            if (measurement < measurements && rules.Extremes[measurement] is { } rule)
            {
                _values.Of(measurement).Observe(new(sensorId, measurement, value, at, heardBefore), rule, changes);
            }

            if (!_rules.IsEmpty)
            {
                _rules.Observe(new(sensorId, measurement, value, at, heardBefore), changes);
            }
        }

        if (_rules.HasOfReadings)
        {
            var watched = new WatchedReading(sensorId, at, heardBefore, waitingSince, lastGood)
            {
                StreamTime = streamTime,
                IsGood = _lastGood > lastGood,
            };
            _rules.ObserveAll(watched, values, changes);
        }
    }

    /// <summary>Raises an alert if the sensor has been silent for longer than its timeout; clears it if the rule is off.</summary>
    /// <param name="streamTime">The stream time of the source that delivered the sensor last, µs since the epoch.</param>
    public void CheckSilence(long streamTime, AlertRules rules, ICollection<AlertChange> changes)
    {
        if (!rules.Disconnection.IsEnabled)
        {
            if (_silence.IsOpen)
            {
                _silence = _silence.Clear(streamTime);
                changes.Add(Change(AlertTransition.Cleared, _silence.ClearedAt, double.NaN) with { IsRuleGone = true });
            }
        }
        else if (!_silence.IsOpen && _waitingSince != Never && streamTime - _waitingSince > rules.Disconnection.Timeout)
        {
            RaiseSilence(_waitingSince + rules.Disconnection.Timeout, rules, changes);
        }
    }

    private void ObserveGood(long at, double value, long streamTime, AlertRules rules, ICollection<AlertChange> changes)
    {
        if (at <= _lastGood)
        {
            return;
        }

        var isStale = _silence.IsOpen && streamTime - at > rules.Disconnection.Timeout;
        if (_silence.IsOpen && !isStale)
        {
            _silence = _silence.Clear(at);
            changes.Add(Change(AlertTransition.Cleared, _silence.ClearedAt, value));
        }

        _lastGood = _waitingSince = at;
    }

    private bool IsGood(ReadOnlySpan<MeasuredValue> values, out double primary)
    {
        primary = double.NaN;
        foreach (var (measurement, value) in values)
        {
            if (measurement == primaryMeasurement)
            {
                (primary, _hasPrimary) = (value, true);
            }
        }

        return !values.IsEmpty && (!_hasPrimary || !double.IsNaN(primary));
    }

    private void RaiseSilence(long at, AlertRules rules, ICollection<AlertChange> changes)
    {
        var transition = _silence.IsWithin(at, rules.Disconnection.CoolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
        _silence = _silence.Raise(at, rules.Disconnection.CoolDown);
        changes.Add(Change(transition, at, double.NaN));
    }

    private AlertChange Change(AlertTransition transition, long at, double value) => new(
        sensorId,
        AlertChange.WholeSensor,
        AlertKind.Disconnected,
        transition,
        _silence.RaisedAt,
        _silence.LastRaisedAt,
        at,
        value,
        double.NaN,
        _lastGood,
        _silence.Occurrences);
}
