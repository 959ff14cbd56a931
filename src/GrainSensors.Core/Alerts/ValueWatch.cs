namespace GrainSensors.Core.Alerts;

/// <summary>Watches one measurement of one sensor: its baseline, and the one alert that can be open about it.</summary>
/// <remarks>The state is a pure function of the readings and their order, so reprocessing yields the same alerts.</remarks>
public struct ValueWatch
{
    /// <summary>The most hours of drift that a gap between two readings allows, however long it is.</summary>
    private const double MaxDriftHours = 12;

    private const double MicrosPerHour = 3_600_000_000;

    /// <summary>The least number of readings that make a level shift; fewer may be errors that happen to follow each other.</summary>
    private const int MinShiftReadings = 3;

    /// <summary>The divisor of the share of outliers during warm-up that count as errors; a larger share is part of the baseline.</summary>
    private const int MaxErrorsDivisor = 5;

    private Baseline _usual;

    /// <summary>
    /// The baseline of the readings since the value became extreme, which replaces <see cref="Usual"/> after a level shift. During
    /// warm-up: the baseline of the outliers.
    /// </summary>
    private Baseline _candidate;

    private AlertState _alert;
    private long _extremeSince;
    private int _extremeReadings;

    public readonly Baseline Usual => _usual;

    public readonly AlertState Alert => _alert;

    /// <param name="reading">A finite value of the watched sensor and measurement.</param>
    public void Observe(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        var isLearning = IsLearning(rule);
        var deviation = Math.Abs(reading.Value - _usual.Mean);
        var threshold = Threshold(rule);
        var drift = rule.DriftPerHour * Math.Clamp((reading.At - reading.HeardBefore) / MicrosPerHour, 0, MaxDriftHours);
        var isOutside = rule.IsOutside(reading.Value, 0);
        var isExtreme = isOutside || (!isLearning && deviation > threshold + drift);
        if (reading.IsLate)
        {
            // A late reading does not describe the present state.
            if (isExtreme)
            {
                ObserveLate(reading, rule, changes);
            }
        }
        else if (isExtreme || (_alert.IsOpen && IsNotYetUsual(reading.Value, rule, isLearning, deviation, threshold, drift)))
        {
            ObserveExtreme(reading, rule, isOutside, changes);
        }
        else
        {
            Learn(reading, rule, deviation > threshold + drift);
            Calm(reading, rule, changes);
        }
    }

    /// <summary>Clears and forgets an alert that was raised up to a time. Its next occurrence is a new alert.</summary>
    /// <param name="last">A reading at that time, without a value.</param>
    internal void Forget(in WatchedValue last, ICollection<AlertChange> changes)
    {
        if (_alert.RaisedAt <= last.At)
        {
            Dismiss(last, changes);
            (_alert, _extremeReadings) = (default, 0);
        }
    }

    /// <summary>Clears the open alert of a sensor that was removed from the registry.</summary>
    /// <param name="last">A reading without a value.</param>
    internal void Dismiss(in WatchedValue last, ICollection<AlertChange> changes)
    {
        if (_alert.IsOpen)
        {
            _alert = _alert.Clear(last.At);
            changes.Add(Change(last with { At = _alert.ClearedAt }, AlertTransition.Cleared));
        }
    }

    /// <inheritdoc cref="SensorWatch.CountAtLeast"/>
    internal void CountAtLeast(int occurrences) => _alert = _alert with { Occurrences = Math.Max(_alert.Occurrences, occurrences) };

    internal readonly void Write(StateWriter writer, long @base)
    {
        var flags = (_usual.Count > 0 ? 1 : 0)
            | (_candidate.Count > 0 ? 2 : 0)
            | (_alert.Occurrences > 0 ? 4 : 0)
            | (_extremeReadings > 0 ? 8 : 0);
        writer.Byte((byte)flags);
        if (_usual.Count > 0)
        {
            _usual.Write(writer, @base);
        }

        if (_candidate.Count > 0)
        {
            _candidate.Write(writer, @base);
        }

        if (_alert.Occurrences > 0)
        {
            _alert.Write(writer, @base);
        }

        if (_extremeReadings > 0)
        {
            writer.Signed(@base - _extremeSince);
            writer.Unsigned((ulong)_extremeReadings);
        }
    }

    /// <returns>Whether the watch has seen a value.</returns>
    internal static bool Read(ref StateReader reader, long @base, out ValueWatch watch)
    {
        var flags = reader.Byte();
        watch = default;
        watch._usual = (flags & 1) != 0 ? Baseline.Read(ref reader, @base) : default;
        watch._candidate = (flags & 2) != 0 ? Baseline.Read(ref reader, @base) : default;
        watch._alert = (flags & 4) != 0 ? AlertState.Read(ref reader, @base) : default;
        if ((flags & 8) != 0)
        {
            watch._extremeSince = @base - reader.Signed();
            watch._extremeReadings = (int)reader.Unsigned();
        }

        return flags != 0;
    }

    private readonly bool IsLearning(ExtremeRule rule) => _usual.Count < rule.WarmUp;

    /// <summary>The deviation above which a value is extreme, without an allowance for drift.</summary>
    private readonly double Threshold(ExtremeRule rule) => Math.Max(rule.MinDeviation, rule.Sigmas * _usual.Deviation);

    /// <returns>Whether a value is between the thresholds for raising and for clearing.</returns>
    private static bool IsNotYetUsual(double value, ExtremeRule rule, bool isLearning, double deviation, double threshold, double drift) =>
        rule.IsOutside(value, rule.LimitHysteresis) || (!isLearning && deviation > (threshold * rule.ClearFraction) + drift);

    private void ObserveLate(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        var isPast = _alert.IsOpen || _alert.IsWithin(reading.At, 0);
        if (!isPast && rule is { DwellReadings: <= 1, DwellTime: 0 })
        {
            Raise(reading, rule, changes);
        }
    }

    /// <summary>Takes a reading that raises an alert or keeps it open.</summary>
    /// <param name="isOutside">Whether the value is outside the limits; such values never become the baseline.</param>
    private void ObserveExtreme(in WatchedValue reading, ExtremeRule rule, bool isOutside, ICollection<AlertChange> changes)
    {
        if (_extremeReadings++ == 0)
        {
            _extremeSince = reading.At;
        }

        var lasted = reading.At - _extremeSince;
        if (!_alert.IsOpen && _extremeReadings >= rule.DwellReadings && lasted >= rule.DwellTime)
        {
            Raise(reading, rule, changes);
        }

        if (IsLearning(rule))
        {
            return;
        }

        if (isOutside)
        {
            _candidate = default;
            _extremeSince = _alert.IsOpen ? reading.At : _extremeSince;
            return;
        }

        _candidate = Add(_candidate, reading, rule);
        if (lasted >= rule.LevelShiftAfter && _candidate.Count >= MinShiftReadings)
        {
            // Few readings give a new mean, but no new variance.
            _usual = _candidate.Count >= rule.WarmUp ? _candidate : _usual with { Mean = _candidate.Mean, At = _candidate.At };
            (_candidate, _extremeReadings) = (default, 0);
            if (!rule.IsOutside(reading.Value, rule.LimitHysteresis))
            {
                Calm(reading, rule, changes);
            }
        }
    }

    private static Baseline Add(in Baseline baseline, in WatchedValue reading, ExtremeRule rule) =>
        baseline.Add(reading.Value, reading.At, rule.TimeConstant, rule.DriftPerHour);

    /// <summary>Adds a reading to the baseline.</summary>
    /// <remarks>
    /// The readings of the warm-up may contain errors, also the first one. Outliers are collected in a second baseline, and the
    /// baseline with more readings is <see cref="Usual"/>. So errors neither shift the first mean nor widen the first variance.
    /// </remarks>
    private void Learn(in WatchedValue reading, ExtremeRule rule, bool isFar)
    {
        if (!IsLearning(rule))
        {
            _usual = Add(_usual, reading, rule);
            return;
        }

        if (isFar && _usual.Count > 0)
        {
            _candidate = Add(_candidate, reading, rule);
            if (_candidate.Count > _usual.Count)
            {
                (_usual, _candidate) = (_candidate, _usual);
            }
        }
        else
        {
            _usual = Add(_usual, reading, rule);
        }

        if (_usual.Count + _candidate.Count >= rule.WarmUp)
        {
            _usual = _candidate.Count * MaxErrorsDivisor < rule.WarmUp ? _usual with { Count = rule.WarmUp } : _usual.Merge(_candidate);
            _candidate = default;
        }
    }

    private void Raise(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        var transition = _alert.IsWithin(reading.At, rule.CoolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
        _alert = _alert.Raise(reading.At, rule.CoolDown);
        changes.Add(Change(reading, transition));
    }

    private void Calm(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        _candidate = IsLearning(rule) ? _candidate : default;
        _extremeReadings = 0;
        if (_alert.IsOpen)
        {
            _alert = _alert.Clear(reading.At);
            changes.Add(Change(reading with { At = _alert.ClearedAt }, AlertTransition.Cleared));
        }
    }

    private readonly AlertChange Change(in WatchedValue reading, AlertTransition transition) => new(
        reading.SensorId,
        reading.Measurement,
        AlertKind.Extreme,
        transition,
        _alert.RaisedAt,
        _alert.LastRaisedAt,
        reading.At,
        reading.Value,
        _usual.Count == 0 ? double.NaN : _usual.Mean,
        reading.HeardBefore,
        _alert.Occurrences);
}
