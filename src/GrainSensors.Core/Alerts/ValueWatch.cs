namespace GrainSensors.Core.Alerts;

/// <summary>Watches one measurement of one sensor: what it usually reads, and the one alert that can be open about it.</summary>
/// <remarks>A pure function of the readings in their order: what is read again says the same again.</remarks>
public struct ValueWatch
{
    /// <summary>A sensor that was away for longer may have drifted, but no further than in this.</summary>
    private const double MaxDriftHours = 12;

    private const double MicrosPerHour = 3_600_000_000;

    private Baseline _usual;

    /// <summary>What it has read since it became extreme: its next baseline, if it stays so.</summary>
    private Baseline _candidate;

    private AlertState _alert;
    private long _extremeSince;
    private int _extremeReadings;

    public readonly Baseline Usual => _usual;

    public readonly AlertState Alert => _alert;

    /// <param name="reading">Finite, of the sensor and measurement that this watches.</param>
    public void Observe(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        var deviation = Math.Abs(reading.Value - _usual.Mean);
        var threshold = Threshold(rule);
        var drift = rule.DriftPerHour * Math.Clamp((reading.At - reading.HeardBefore) / MicrosPerHour, 0, MaxDriftHours);
        if (rule.IsOutside(reading.Value, 0) || deviation > threshold + drift)
        {
            ObserveExtreme(reading, rule, changes);
        }
        else if (reading.IsLate)
        {
            // Tells what was, nothing about now.
        }
        else if (_alert.IsOpen && (rule.IsOutside(reading.Value, rule.LimitMargin) || deviation > (threshold * rule.ClearFraction) + drift))
        {
            _candidate = _candidate.Add(reading.Value, reading.At, rule.Memory);
        }
        else
        {
            _usual = _usual.Add(reading.Value, reading.At, rule.Memory);
            Calm(reading, changes);
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

    private void ObserveExtreme(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        if (reading.IsLate)
        {
            var isPast = _alert.IsOpen || _alert.IsWithin(reading.At, 0);
            if (!isPast && rule is { DwellReadings: <= 1, DwellTime: 0 })
            {
                Raise(reading, rule, changes);
            }

            return;
        }

        if (_extremeReadings++ == 0)
        {
            _extremeSince = reading.At;
        }

        _candidate = _candidate.Add(reading.Value, reading.At, rule.Memory);
        var lasted = reading.At - _extremeSince;
        if (!_alert.IsOpen && _extremeReadings >= rule.DwellReadings && lasted >= rule.DwellTime)
        {
            Raise(reading, rule, changes);
        }

        if (lasted >= rule.NewNormalAfter && _candidate.Count >= rule.WarmUp)
        {
            _usual = _candidate;
            (_candidate, _extremeReadings) = (default, 0);
            if (!rule.IsOutside(reading.Value, rule.LimitMargin))
            {
                Calm(reading, changes);
            }
        }
    }

    private void Raise(in WatchedValue reading, ExtremeRule rule, ICollection<AlertChange> changes)
    {
        var transition = _alert.IsWithin(reading.At, rule.CoolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
        _alert = _alert.Raise(reading.At, rule.CoolDown);
        changes.Add(Change(reading, transition));
    }

    private void Calm(in WatchedValue reading, ICollection<AlertChange> changes)
    {
        (_candidate, _extremeReadings) = (default, 0);
        if (_alert.IsOpen)
        {
            _alert = _alert.Clear(reading.At);
            changes.Add(Change(reading, AlertTransition.Cleared));
        }
    }

    /// <summary>What a deviation must exceed; infinite while it is not known what is usual.</summary>
    private readonly double Threshold(ExtremeRule rule) =>
        _usual.Count < rule.WarmUp ? double.PositiveInfinity : Math.Max(rule.MinDeviation, rule.Sigmas * _usual.Deviation);

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
