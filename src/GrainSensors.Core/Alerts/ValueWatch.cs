namespace GrainSensors.Core.Alerts;

/// <summary>Watches one measurement of one sensor: what it usually reads, and the one alert that can be open about it.</summary>
/// <remarks>A pure function of the readings in their order: what is read again says the same again.</remarks>
public struct ValueWatch
{
    /// <summary>A sensor that was away for longer may have drifted, but no further than in this.</summary>
    private const double MaxDriftHours = 12;

    private const double MicrosPerHour = 3_600_000_000;

    /// <summary>So many readings are a shift rather than errors that happen to follow each other.</summary>
    private const int LeastOfShift = 3;

    /// <summary>Of the first readings up to one in so many may be errors; more of them are no errors, but how the sensor is.</summary>
    private const int FewestAreErrors = 5;

    private Baseline _usual;

    /// <summary>
    /// What it has read since it became extreme: its next baseline, if it stays so. While it is learned what is usual: those of
    /// the first readings that are far from the others.
    /// </summary>
    private Baseline _candidate;

    private AlertState _alert;
    private long _extremeSince;
    private int _extremeReadings;

    public readonly Baseline Usual => _usual;

    public readonly AlertState Alert => _alert;

    /// <param name="reading">Finite, of the sensor and measurement that this watches.</param>
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
            // Tells what was, nothing about now.
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

    /// <param name="last">Without a value: the sensor is one no more.</param>
    internal void Dismiss(in WatchedValue last, ICollection<AlertChange> changes)
    {
        if (_alert.IsOpen)
        {
            _alert = _alert.Clear(Math.Max(last.At, _alert.RaisedAt));
            changes.Add(Change(last with { At = _alert.ClearedAt }, AlertTransition.Cleared));
        }
    }

    /// <inheritdoc cref="SensorWatch.CountAtLeast"/>
    internal void CountAtLeast(int occurrences) => _alert = _alert with { Occurrences = Math.Max(_alert.Occurrences, occurrences) };

    internal readonly void Write(StateWriter writer, long @base)
    {
        var flags = (_usual.Count > 0 ? 1 : 0) | (_candidate.Count > 0 ? 2 : 0) | (_alert.Occurrences > 0 ? 4 : 0) | (_extremeReadings > 0 ? 8 : 0);
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

    internal static ValueWatch Read(ref StateReader reader, long @base)
    {
        var flags = reader.Byte();
        var watch = default(ValueWatch);
        watch._usual = (flags & 1) != 0 ? Baseline.Read(ref reader, @base) : default;
        watch._candidate = (flags & 2) != 0 ? Baseline.Read(ref reader, @base) : default;
        watch._alert = (flags & 4) != 0 ? AlertState.Read(ref reader, @base) : default;
        if ((flags & 8) != 0)
        {
            watch._extremeSince = @base - reader.Signed();
            watch._extremeReadings = (int)reader.Unsigned();
        }

        return watch;
    }

    private readonly bool IsLearning(ExtremeRule rule) => _usual.Count < rule.WarmUp;

    /// <summary>What a deviation must exceed, if nothing has drifted.</summary>
    private readonly double Threshold(ExtremeRule rule) => Math.Max(rule.MinDeviation, rule.Sigmas * _usual.Deviation);

    /// <summary>Between what raises and what clears.</summary>
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

    /// <summary>A reading that raises, or that does not clear yet.</summary>
    /// <param name="isOutside">Of the limits: that is never usual, however long it lasts.</param>
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
        if (lasted >= rule.LevelShiftAfter && _candidate.Count >= LeastOfShift)
        {
            // Few readings say where the sensor is now, and nothing new about how they scatter.
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

    /// <summary>
    /// Some of the first readings may be errors, the very first too. So those that are far from what is usual by then are kept
    /// apart, and are what is usual when they become the more: errors neither shift the first mean nor widen the first spread.
    /// </summary>
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
            _usual = _candidate.Count * FewestAreErrors < rule.WarmUp ? _usual with { Count = rule.WarmUp } : _usual.Merge(_candidate);
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
            changes.Add(Change(reading, AlertTransition.Cleared));
        }
    }

    private readonly AlertChange Change(in WatchedValue reading, AlertTransition transition) => new(
        reading.SensorId,
        reading.Measurement,
        AlertKind.Extreme,
        transition,
        _alert.RaisedAt,
        reading.At,
        reading.Value,
        _usual.Count == 0 ? double.NaN : _usual.Mean,
        reading.HeardBefore,
        _alert.Occurrences);
}
