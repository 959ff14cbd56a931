using System.Runtime.InteropServices;

namespace GrainSensors.Core.Readings;

/// <summary>Readings and, beside them, their values: two arrays without references. A reading costs by the values that it has.</summary>
/// <param name="readings">The number of readings for which to allocate room.</param>
public sealed class ReadingBatch(int readings = 0)
{
    private BatchedReading[] _readings = new BatchedReading[readings];
    private MeasuredValue[] _values = [];
    private int _count;
    private int _valueCount;

    /// <summary>The number of readings.</summary>
    public int Count => _count;

    /// <summary>The number of values of all readings.</summary>
    public int ValueCount => _valueCount;

    /// <summary>The number of readings for which there is room.</summary>
    public int Room => _readings.Length;

    /// <summary>The number of values for which there is room.</summary>
    public int ValueRoom => _values.Length;

    /// <summary>Whether a reading has a measurement that is not declared. Silos of older versions do not know it.</summary>
    public bool HasDiscovered { get; set; }

    /// <summary>Whether the name of a measurement must be stored before the readings are used.</summary>
    public bool AwaitsNames { get; set; }

    public Span<BatchedReading> Readings => _readings.AsSpan(0, _count);

    /// <summary>The values of all readings.</summary>
    public ReadOnlySpan<MeasuredValue> Values => _values.AsSpan(0, _valueCount);

    /// <param name="reading">A reading of this batch.</param>
    public ReadOnlySpan<MeasuredValue> ValuesOf(in BatchedReading reading) => _values.AsSpan(reading.FirstValue, reading.ValueCount);

    /// <returns>A batch of readings of declared measurements.</returns>
    public static ReadingBatch Of(params ReadOnlySpan<Reading> readings)
    {
        var batch = new ReadingBatch(readings.Length);
        foreach (ref readonly var reading in readings)
        {
            batch.Add(reading);
        }

        return batch;
    }

    public void Add(in Reading reading)
    {
        var count = reading.Values.Count;
        Span<MeasuredValue> values = count <= MeasurementValues.Inline ? stackalloc MeasuredValue[count] : new MeasuredValue[count];
        reading.Values.CopyTo(values);
        Add(new() { Offset = reading.Offset, Timestamp = reading.Timestamp, SensorId = reading.SensorId }, values);
    }

    /// <param name="reading">The reading; where its values are does not matter.</param>
    public void Add(in BatchedReading reading, ReadOnlySpan<MeasuredValue> values)
    {
        if (_count == _readings.Length)
        {
            Array.Resize(ref _readings, Math.Max(16, _count * 2));
        }

        if (_values.Length - _valueCount < values.Length)
        {
            Array.Resize(ref _values, Math.Max(_valueCount + values.Length, _values.Length * 2));
        }

        ref var added = ref _readings[_count++];
        added = reading;
        (added.FirstValue, added.ValueCount) = (_valueCount, values.Length);
        values.CopyTo(_values.AsSpan(_valueCount));
        _valueCount += values.Length;
    }

    /// <summary>Adds the readings of another batch.</summary>
    public void Add(ReadingBatch batch)
    {
        Reserve(_count + batch._count, _valueCount + batch._valueCount);
        batch.Readings.CopyTo(_readings.AsSpan(_count));
        foreach (ref var added in _readings.AsSpan(_count, batch._count))
        {
            added.FirstValue += _valueCount;
        }

        batch._values.AsSpan(0, batch._valueCount).CopyTo(_values.AsSpan(_valueCount));
        _count += batch._count;
        _valueCount += batch._valueCount;
        HasDiscovered |= batch.HasDiscovered;
        AwaitsNames |= batch.AwaitsNames;
    }

    /// <summary>Leaves values out, and readings that have no others.</summary>
    /// <returns>The rest.</returns>
    public ReadingBatch Without(Predicate<int> measurements)
    {
        var rest = new ReadingBatch(_count) { HasDiscovered = HasDiscovered };
        rest.Reserve(0, _valueCount);
        var values = new List<MeasuredValue>();
        foreach (ref readonly var reading in Readings)
        {
            values.Clear();
            foreach (var value in ValuesOf(reading))
            {
                if (!measurements(value.Measurement))
                {
                    values.Add(value);
                }
            }

            if (values.Count > 0 || reading.ValueCount == 0 || reading.HasDeclared)
            {
                rest.Add(reading, CollectionsMarshal.AsSpan(values));
            }
        }

        return rest;
    }

    /// <summary>Ensures that there is room, without growing beyond it.</summary>
    public void Reserve(int readings, int values)
    {
        if (_readings.Length < readings)
        {
            Array.Resize(ref _readings, readings);
        }

        if (_values.Length < values)
        {
            Array.Resize(ref _values, values);
        }
    }

    /// <summary>Makes room for the readings of another batch in another order, and takes its values over without a copy.</summary>
    /// <param name="batch">A batch with readings; it must be cleared afterwards, and reuses the array of values of this one.</param>
    /// <returns>Where the readings of the batch must be copied to, each once.</returns>
    public Span<BatchedReading> Rearrange(ReadingBatch batch)
    {
        if (_readings.Length < batch._count)
        {
            _readings = new BatchedReading[batch._count];
        }

        (_values, batch._values) = (batch._values, _values);
        (_count, _valueCount) = (batch._count, batch._valueCount);
        return Readings;
    }

    public void Clear()
    {
        (_count, _valueCount) = (0, 0);
        HasDiscovered = AwaitsNames = false;
    }
}
