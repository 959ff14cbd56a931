using System.Collections.Immutable;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The latest value of each measurement of an expression, of one sensor.</summary>
internal sealed class LatestValues
{
    private readonly long[] _at;

    /// <param name="measurements">Each once.</param>
    private LatestValues(ImmutableArray<int> measurements)
    {
        (Measurements, Values, _at) = (measurements, new double[measurements.Length], new long[measurements.Length]);
        Array.Fill(Values, double.NaN);
        Array.Fill(_at, WatchedReading.Never);
    }

    public ImmutableArray<int> Measurements { get; }

    /// <summary>The values, in the order of <see cref="Measurements"/>; NaN if there is none.</summary>
    public double[] Values { get; }

    /// <returns>The values of these measurements; the same object if it has no others.</returns>
    public static LatestValues Of(LatestValues? before, ImmutableArray<int> measurements)
    {
        if (before?.Measurements == measurements)
        {
            return before;
        }

        var values = new LatestValues(measurements);
        for (var i = 0; before is not null && i < measurements.Length; i++)
        {
            if (before.Measurements.IndexOf(measurements[i]) is >= 0 and var place)
            {
                (values.Values[i], values._at[i]) = (before.Values[place], before._at[place]);
            }
        }

        return values;
    }

    /// <summary>Takes the values of a reading, unless a later one of the measurement is known.</summary>
    /// <returns>Whether a value was taken.</returns>
    public bool Take(ReadOnlySpan<MeasuredValue> values, long at)
    {
        var hasTaken = false;
        foreach (var (measurement, value) in values)
        {
            var place = Measurements.AsSpan().IndexOf(measurement);
            if (place >= 0 && at >= _at[place] && double.IsFinite(value))
            {
                (Values[place], _at[place], hasTaken) = (value, at, true);
            }
        }

        return hasTaken;
    }

    /// <returns>Whether all values are known and up to this old.</returns>
    public bool AreKnown(long at, long maxAge)
    {
        foreach (var time in _at)
        {
            if (time == WatchedReading.Never || at - time > maxAge)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Marks the measurements that have a value.</summary>
    public void Mark(Span<bool> measurements)
    {
        for (var i = 0; i < _at.Length; i++)
        {
            measurements[Measurements[i]] |= _at[i] != WatchedReading.Never;
        }
    }

    /// <param name="inputs">The measurements that are written by their place in this array.</param>
    public void Write(StateWriter writer, long @base, ReadOnlySpan<int> inputs)
    {
        writer.Unsigned((ulong)_at.Count(time => time != WatchedReading.Never));
        for (var i = 0; i < _at.Length; i++)
        {
            if (_at[i] != WatchedReading.Never)
            {
                writer.Unsigned((ulong)inputs.IndexOf(Measurements[i]));
                writer.Signed(@base - _at[i]);
                writer.Number(Values[i]);
            }
        }
    }

    /// <param name="inputs">The current indexes of the written measurements; negative if one is no longer configured.</param>
    public static LatestValues Read(ref StateReader reader, long @base, ReadOnlySpan<int> inputs)
    {
        var read = new List<(int Measurement, long At, double Value)>();
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var place = reader.Unsigned();
            if (place >= (ulong)inputs.Length)
            {
                throw new FormatException("The monitor state is damaged.");
            }

            read.Add((inputs[(int)place], @base - reader.Signed(), reader.Number()));
        }

        read.RemoveAll(value => value.Measurement < 0);
        var values = new LatestValues([.. read.Select(value => value.Measurement)]);
        foreach (var (i, value) in read.Index())
        {
            (values.Values[i], values._at[i]) = (value.Value, value.At);
        }

        return values;
    }
}
