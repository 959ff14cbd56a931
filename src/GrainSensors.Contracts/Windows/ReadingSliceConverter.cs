using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Windows;

/// <summary>The wire format of <see cref="ReadingSlice"/>: the readings of the slice only, column by column.</summary>
[GenerateSerializer, Immutable, Alias("GrainSensors.ReadingSlice.Wire")]
public struct ReadingSliceSurrogate
{
    [Id(0)] public int SensorId;

    [Id(1)] public long[] Offsets;

    /// <summary>The event times of the readings, µs since the epoch.</summary>
    [Id(2)] public long[] Timestamps;

    /// <summary>The number of values of each reading.</summary>
    [Id(3)] public int Width;

    /// <summary>The values of all readings, <see cref="Width"/> for each; NaN for an absent value.</summary>
    [Id(4)] public double[] Values;
}

[RegisterConverter]
public sealed class ReadingSliceConverter : IConverter<ReadingSlice, ReadingSliceSurrogate>
{
    public ReadingSlice ConvertFromSurrogate(in ReadingSliceSurrogate surrogate)
    {
        var readings = new Reading[surrogate.Offsets.Length];
        for (var i = 0; i < readings.Length; i++)
        {
            var values = MeasurementValues.None;
            surrogate.Values.AsSpan(i * surrogate.Width, surrogate.Width).CopyTo(values);
            readings[i] = new()
            {
                SensorId = surrogate.SensorId,
                Offset = surrogate.Offsets[i],
                Timestamp = surrogate.Timestamps[i],
                Values = values,
            };
        }

        return new(readings, 0, readings.Length);
    }

    public ReadingSliceSurrogate ConvertToSurrogate(in ReadingSlice value)
    {
        var readings = value.Span;
        var width = Width(readings);
        var (offsets, timestamps, values) = (new long[readings.Length], new long[readings.Length], new double[readings.Length * width]);
        for (var i = 0; i < readings.Length; i++)
        {
            offsets[i] = readings[i].Offset;
            timestamps[i] = readings[i].Timestamp;
            ((ReadOnlySpan<double>)readings[i].Values)[..width].CopyTo(values.AsSpan(i * width));
        }

        return new()
        {
            SensorId = readings.IsEmpty ? 0 : readings[0].SensorId,
            Offsets = offsets,
            Timestamps = timestamps,
            Width = width,
            Values = values,
        };
    }

    /// <returns>The number of values to send: up to the last measurement that any reading has.</returns>
    internal static int Width(ReadOnlySpan<Reading> readings)
    {
        var width = 0;
        foreach (ref readonly var reading in readings)
        {
            var values = (ReadOnlySpan<double>)reading.Values;
            for (var i = values.Length - 1; i >= width; i--)
            {
                if (!double.IsNaN(values[i]))
                {
                    width = i + 1;
                }
            }
        }

        return width;
    }
}
