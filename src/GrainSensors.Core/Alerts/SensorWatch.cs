using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>Watches one sensor: whether it is heard of, and what it reads.</summary>
/// <param name="measurements">How many there are.</param>
public sealed class SensorWatch(int sensorId, int measurements)
{
    /// <summary>The time of a reading that there never was.</summary>
    public const long Never = long.MinValue;

    private readonly ValueWatch[] _values = new ValueWatch[measurements];
    private AlertState _silence;
    private long _heard = Never;
    private long _lastGood = Never;

    /// <summary>Silence counts from here: the last good reading, or the moment from which the first one is waited for.</summary>
    private long _waitingSince = Never;

    /// <summary>It has had a value of its first measurement: one without is a probe that came off.</summary>
    private bool _hasPrimary;

    public int SensorId => sensorId;

    /// <summary>Of the newest reading with a value, µs since the epoch, or <see cref="Never"/>.</summary>
    public long LastReadingAt => _lastGood;

    public AlertState Silence => _silence;

    /// <summary>A reading of it was seen, with or without a value.</summary>
    public bool IsHeard => _heard != Never;

    /// <summary>Silence counts from here, µs since the epoch; <see cref="Never"/>: nobody waits for it yet.</summary>
    public long WaitingSince => _waitingSince;

    public ReadOnlySpan<ValueWatch> Values => _values;

    /// <summary>It was in the registry when that was last looked at.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>Waits for a sensor that is known but was not heard of yet.</summary>
    /// <param name="from">µs since the epoch.</param>
    public void Expect(long from)
    {
        if (_waitingSince == Never)
        {
            _waitingSince = from;
        }
    }

    /// <summary>The sensor is one no more: what is open about it is over.</summary>
    /// <param name="at">µs since the epoch.</param>
    public void Dismiss(long at, ICollection<AlertChange> changes)
    {
        _waitingSince = Never;
        if (_silence.IsOpen)
        {
            _silence = _silence.Clear(Math.Max(at, _silence.RaisedAt));
            changes.Add(Change(AlertTransition.Cleared, _silence.ClearedAt, double.NaN));
        }

        for (var measurement = 0; measurement < _values.Length; measurement++)
        {
            _values[measurement].Dismiss(new(sensorId, measurement, double.NaN, at, _heard == Never ? at : _heard), changes);
        }
    }

    /// <summary>The table knows of more reopenings of an alert that is open here: readings came in another order before a crash.</summary>
    /// <param name="measurement">−1: that the sensor is silent.</param>
    public void CountAtLeast(int measurement, int occurrences)
    {
        if (measurement < 0)
        {
            _silence = _silence with { Occurrences = Math.Max(_silence.Occurrences, occurrences) };
        }
        else
        {
            _values[measurement].CountAtLeast(occurrences);
        }
    }

    /// <summary>Takes a reading; the readings of one source come in the order of their offsets.</summary>
    /// <param name="streamTime">Of its source, this reading not yet counted, µs since the epoch.</param>
    /// <param name="now">The wall clock, µs since the epoch; <see cref="long.MaxValue"/>: times are taken as they are.</param>
    /// <param name="changes">Gets what this reading changes, in the order in which it happened.</param>
    public void Observe(in Reading reading, long streamTime, long now, AlertRules rules, ICollection<AlertChange> changes)
    {
        // From a clock that is ahead: if it counted, silence would go unnoticed until then, and when the clock is put right
        // everything would seem to come late. What is ahead by no more than the time-out does little harm, and is left as it
        // is, for its time is the same when it is read again.
        var at = reading.Timestamp;
        at = at - rules.Silence.Timeout > now ? now : at;
        var heardBefore = _heard == Never ? at : _heard;

        // A batch can hold more time than the time-out: the gap was over before anybody could look.
        CheckSilence(at, rules, changes);
        _heard = Math.Max(heardBefore, at);
        if (IsGood(reading))
        {
            ObserveGood(at, reading.Values[0], streamTime, rules, changes);
        }
        else if (!_silence.IsOpen && at >= heardBefore)
        {
            RaiseSilence(at, rules, changes);
        }

        for (var measurement = 0; measurement < _values.Length; measurement++)
        {
            var value = reading.Values[measurement];
            if (rules.Extremes[measurement] is { } rule && !double.IsNaN(value))
            {
                _values[measurement].Observe(new(sensorId, measurement, value, at, heardBefore), rule, changes);
            }
        }
    }

    /// <summary>Looks whether the sensor has been silent for too long.</summary>
    /// <param name="streamTime">Of the source that it was last heard from, µs since the epoch.</param>
    public void CheckSilence(long streamTime, AlertRules rules, ICollection<AlertChange> changes)
    {
        if (!_silence.IsOpen && _waitingSince != Never && streamTime - _waitingSince > rules.Silence.Timeout)
        {
            RaiseSilence(_waitingSince + rules.Silence.Timeout, rules, changes);
        }
    }

    private void ObserveGood(long at, double value, long streamTime, AlertRules rules, ICollection<AlertChange> changes)
    {
        if (at <= _lastGood)
        {
            return;
        }

        var isStale = _silence.IsOpen && streamTime - at > rules.Silence.Timeout;
        if (_silence.IsOpen && !isStale)
        {
            _silence = _silence.Clear(at);
            changes.Add(Change(AlertTransition.Cleared, at, value));
        }

        _lastGood = _waitingSince = at;
    }

    private bool IsGood(in Reading reading)
    {
        if (!double.IsNaN(reading.Values[0]))
        {
            return _hasPrimary = true;
        }

        var hasValue = false;
        for (var measurement = 1; measurement < _values.Length; measurement++)
        {
            hasValue |= !double.IsNaN(reading.Values[measurement]);
        }

        return hasValue && !_hasPrimary;
    }

    private void RaiseSilence(long at, AlertRules rules, ICollection<AlertChange> changes)
    {
        var transition = _silence.IsWithin(at, rules.Silence.CoolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
        _silence = _silence.Raise(at, rules.Silence.CoolDown);
        changes.Add(Change(transition, at, double.NaN));
    }

    private AlertChange Change(AlertTransition transition, long at, double value) => new(
        sensorId, AlertChange.WholeSensor, AlertKind.Disconnected, transition, _silence.RaisedAt, at, value, double.NaN, _lastGood, _silence.Occurrences);

    /// <param name="base">The moment that others are differences to, µs since the epoch.</param>
    internal void Write(StateWriter writer, long @base)
    {
        var flags = (_heard != Never ? 1 : 0) | (_lastGood != Never ? 2 : 0) | (_waitingSince != Never && _waitingSince != _lastGood ? 4 : 0)
            | (_hasPrimary ? 8 : 0) | (_silence.Occurrences > 0 ? 16 : 0) | (IsRegistered ? 32 : 0);
        writer.Byte((byte)flags);
        WriteTime(_heard);
        WriteTime(_lastGood);
        if ((flags & 4) != 0)
        {
            writer.Signed(@base - _waitingSince);
        }

        if (_silence.Occurrences > 0)
        {
            _silence.Write(writer, @base);
        }

        foreach (ref readonly var value in _values.AsSpan())
        {
            value.Write(writer, @base);
        }

        void WriteTime(long moment)
        {
            if (moment != Never)
            {
                writer.Signed(@base - moment);
            }
        }
    }

    /// <param name="columns">For each measurement that was written its index now, or −1: it is watched no more.</param>
    internal void Read(ref StateReader reader, long @base, ReadOnlySpan<int> columns)
    {
        var flags = reader.Byte();
        _heard = (flags & 1) != 0 ? @base - reader.Signed() : Never;
        _lastGood = (flags & 2) != 0 ? @base - reader.Signed() : Never;
        _waitingSince = (flags & 4) != 0 ? @base - reader.Signed() : _lastGood;
        _hasPrimary = (flags & 8) != 0;
        _silence = (flags & 16) != 0 ? AlertState.Read(ref reader, @base) : default;
        IsRegistered = (flags & 32) != 0;
        foreach (var column in columns)
        {
            var value = ValueWatch.Read(ref reader, @base);
            if (column >= 0)
            {
                _values[column] = value;
            }
        }
    }
}
