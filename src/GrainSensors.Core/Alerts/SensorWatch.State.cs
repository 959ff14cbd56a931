namespace GrainSensors.Core.Alerts;

/// <summary>The state of the watch.</summary>
public sealed partial class SensorWatch
{
    /// <param name="base">The time from which written times are differences, µs since the epoch.</param>
    internal void Write(StateWriter writer, long @base, StateColumns columns)
    {
        var flags = (_heard != Never ? 1 : 0)
            | (_lastGood != Never ? 2 : 0)
            | (_waitingSince != Never && _waitingSince != _lastGood ? 4 : 0)
            | (_hasPrimary ? 8 : 0)
            | (_silence.Occurrences > 0 ? 16 : 0)
            | (IsRegistered ? 32 : 0);
        writer.Byte((byte)flags);
        if (_heard != Never)
        {
            // The other times are mostly the same as this one.
            writer.Signed(@base - _heard);
            @base = _heard;
        }

        if (_lastGood != Never)
        {
            writer.Signed(@base - _lastGood);
        }

        if ((flags & 4) != 0)
        {
            writer.Signed(@base - _waitingSince);
        }

        if (_silence.Occurrences > 0)
        {
            _silence.Write(writer, @base);
        }

        foreach (var column in columns.Measurements)
        {
            _values[column].Write(writer, @base);
        }

        _rules.Write(writer, @base, columns);
    }

    /// <param name="isPrimaryAsWritten">Whether the writer had this primary measurement; the sensor may not have sent it else.</param>
    internal void Read(ref StateReader reader, long @base, StateColumns columns, bool isPrimaryAsWritten)
    {
        var flags = reader.Byte();
        if ((flags & 1) != 0)
        {
            _heard = @base - reader.Signed();
            @base = reader.Version == 1 ? @base : _heard;
        }

        _lastGood = (flags & 2) != 0 ? @base - reader.Signed() : Never;
        _waitingSince = (flags & 4) != 0 ? @base - reader.Signed() : _lastGood;
        _hasPrimary = (flags & 8) != 0 && isPrimaryAsWritten;
        _silence = (flags & 16) != 0 ? AlertState.Read(ref reader, @base) : default;
        IsRegistered = (flags & 32) != 0;
        foreach (var column in columns.Measurements)
        {
            if (ValueWatch.Read(ref reader, @base, out var value) && column >= 0)
            {
                _values.Of(column) = value;
            }
        }

        _rules.Read(ref reader, @base, columns);
    }
}
