using System.Runtime.CompilerServices;

namespace GrainSensors.Core.Readings;

/// <summary>Takes the values of one message after the other.</summary>
/// <remarks>
/// Messages resemble each other. What the last one had at a place says where to look first for the measurement of the next one.
/// </remarks>
public sealed class MessageValues
{
    /// <summary>Stands for a value that is not a number, or out of range.</summary>
    private const double Invalid = double.PositiveInfinity;

    private const int FirstBits = 64;

    /// <summary>Grows up to the declared measurements and the limit of others.</summary>
    private MeasuredValue[] _values = new MeasuredValue[16];
    private int _count;
    private int _discovered;
    private int _highest;
    private int _droppedLength;
    private readonly byte[] _dropped = new byte[SensorName.MaxBytes];

    /// <summary>Values of measurements that are not taken, by name.</summary>
    private readonly List<(byte[] Name, double Value)> _new = [];

    /// <summary>The measurements below 64 that have a value, one bit for each.</summary>
    private ulong _first;

    /// <summary>The measurements from 64 that have a value, one bit for each.</summary>
    private ulong[] _further = [];

    /// <summary>Whether values of new measurements are wanted, which must wait for their names. Otherwise they are ignored.</summary>
    public bool TakesNew { get; init; }

    public ReadOnlySpan<MeasuredValue> All => _values.AsSpan(0, _count);

    /// <summary>Whether a measurement is new. The reading must wait until its name is stored.</summary>
    public bool AwaitsNames { get; private set; }

    /// <summary>The number of values that were left out, because there are too many measurements or too many values.</summary>
    public int Dropped { get; private set; }

    /// <summary>Whether a declared measurement occurs, with a value or as null.</summary>
    public bool HasDeclared { get; private set; }

    /// <summary>Whether the message has no other values than those that were left out. It is no reading then.</summary>
    public bool AreLeftOut => _count == 0 && Dropped > 0 && !HasDeclared;

    /// <summary>The name of the last value that was left out, as UTF-8.</summary>
    public ReadOnlySpan<byte> LastDropped => _dropped.AsSpan(0, _droppedLength);

    /// <returns>Whether a value has a measurement that is not declared.</returns>
    /// <param name="declared">The number of declared measurements.</param>
    public bool HasDiscovered(int declared) => _highest >= declared;

    internal int Count => _count;

    /// <summary>The number of the measurement that is probably next.</summary>
    internal int Hint => _count < _values.Length ? _values[_count].Measurement : 0;

    internal void Clear()
    {
        if (_highest >= FirstBits)
        {
            Array.Clear(_further, 0, _highest / FirstBits);
        }

        (_count, _first, _discovered, _highest, Dropped) = (0, 0, 0, -1, 0);
        AwaitsNames = HasDeclared = false;
        _new.Clear();
    }

    internal bool Has(int measurement) =>
        measurement < FirstBits ? (_first & (1UL << measurement)) != 0
        : (measurement / FirstBits) - 1 is var word && word < _further.Length && (_further[word] & (1UL << measurement)) != 0;

    /// <returns>False if the measurement has a value already.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryAdd(int measurement, double value)
    {
        if (Has(measurement))
        {
            return false;
        }

        if (measurement < FirstBits)
        {
            _first |= 1UL << measurement;
        }
        else
        {
            MarkFurther(measurement);
        }

        if (_count == _values.Length)
        {
            Array.Resize(ref _values, _count * 2);
        }

        _highest = Math.Max(_highest, measurement);
        _values[_count++] = new(measurement, value);
        return true;
    }

    /// <summary>Sets the value of a measurement, in place of one that the message has given before.</summary>
    /// <param name="value">NaN: the message has none.</param>
    /// <param name="isValid">Whether the value is a number in its range, or none.</param>
    internal void Set(int measurement, double value, bool isValid)
    {
        HasDeclared = true;
        value = isValid ? value : Invalid;
        if (!TryAdd(measurement, value))
        {
            _values[IndexOf(measurement)] = new(measurement, value);
        }
    }

    /// <summary>Sets the value of a measurement that is taken and not declared.</summary>
    /// <param name="limit">The most values of such measurements; of further ones <see cref="Dropped"/> is the number.</param>
    internal void SetDiscovered(KnownMeasurement measurement, double value, int limit)
    {
        if (Has(measurement.Number))
        {
            _values[IndexOf(measurement.Number)] = new(measurement.Number, value);
        }
        else if (TryTakeRoom(measurement.Utf8Name, limit))
        {
            TryAdd(measurement.Number, value);
        }
    }

    /// <summary>Sets the value of a measurement that is not taken.</summary>
    /// <inheritdoc cref="SetDiscovered"/>
    internal void SetNew(ReadOnlySpan<byte> name, double value, int limit)
    {
        if (NewAt(name) is var at and >= 0)
        {
            _new[at] = (_new[at].Name, value);
        }
        else if (TryTakeRoom(name, limit))
        {
            _new.Add((name.ToArray(), value));
        }
    }

    /// <summary>The message has no value of a measurement that is not declared, in place of one that it has given before.</summary>
    internal void Unset(KnownMeasurement? measurement, ReadOnlySpan<byte> name)
    {
        if (measurement is not null && IndexOf(measurement.Number) is var at and >= 0)
        {
            _values[at] = new(measurement.Number, double.NaN);
        }
        else if (NewAt(name) is var place and >= 0)
        {
            _new[place] = (_new[place].Name, double.NaN);
        }
    }

    /// <summary>Gives numbers to new measurements.</summary>
    /// <param name="catalog">Null for a dead letter, whose measurements get none.</param>
    internal void Propose(MeasurementCatalog? catalog)
    {
        foreach (var (name, value) in _new)
        {
            if (catalog is null || !TakesNew || double.IsNaN(value))
            {
                continue;
            }

            if (catalog.Propose(name) is { } measurement)
            {
                AwaitsNames |= !measurement.IsTaken;
                TryAdd(measurement.Number, value);
            }
            else
            {
                Drop(name);
            }
        }
    }

    /// <summary>Leaves a value out.</summary>
    /// <param name="name">A valid name as UTF-8.</param>
    internal void Drop(ReadOnlySpan<byte> name)
    {
        Dropped++;
        name.CopyTo(_dropped);
        _droppedLength = name.Length;
    }

    /// <summary>Removes what has no value.</summary>
    /// <returns>Whether all values are valid.</returns>
    internal bool TryComplete()
    {
        var count = 0;
        foreach (var value in All)
        {
            if (value.Value == Invalid)
            {
                return false;
            }

            if (!double.IsNaN(value.Value))
            {
                _values[count++] = value;
            }
        }

        _count = count;
        return true;
    }

    private void MarkFurther(int measurement)
    {
        var word = (measurement / FirstBits) - 1;
        if (word >= _further.Length)
        {
            Array.Resize(ref _further, word + 1);
        }

        _further[word] |= 1UL << measurement;
    }

    private bool TryTakeRoom(ReadOnlySpan<byte> name, int limit)
    {
        if (_discovered == limit)
        {
            Drop(name);
            return false;
        }

        _discovered++;
        return true;
    }

    private int NewAt(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _new.Count; i++)
        {
            if (name.SequenceEqual(_new[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private int IndexOf(int measurement)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_values[i].Measurement == measurement)
            {
                return i;
            }
        }

        return -1;
    }
}
