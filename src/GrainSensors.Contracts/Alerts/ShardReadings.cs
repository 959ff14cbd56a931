using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Alerts;

/// <summary>The readings of a shard in a batch: a part of the batch's array, like <see cref="Windows.ReadingSlice"/>.</summary>
/// <remarks>The readings are grouped by sensor; those of a sensor are in the order of their offsets.</remarks>
[Immutable]
public readonly struct ShardReadings(Reading[] batch, int start, int count)
{
    public int Count => count;

    public ReadOnlySpan<Reading> Span => batch.AsSpan(start, count);

    public override string ToString() => $"{count} readings";
}

/// <summary>The wire format of <see cref="ShardReadings"/>, column by column.</summary>
[GenerateSerializer, Immutable, Alias("GrainSensors.ShardReadings.Wire")]
public struct ShardReadingsSurrogate
{
    [Id(0)] public int[] SensorIds;

    [Id(1)] public long[] Offsets;

    /// <summary>The event times of the readings, µs since the epoch.</summary>
    [Id(2)] public long[] Timestamps;

    /// <summary>The number of values of each reading.</summary>
    [Id(3)] public int Width;

    /// <summary>The values of all readings, <see cref="Width"/> for each; NaN for an absent value.</summary>
    [Id(4)] public double[] Values;
}

[RegisterConverter]
public sealed class ShardReadingsConverter : IConverter<ShardReadings, ShardReadingsSurrogate>
{
    public ShardReadings ConvertFromSurrogate(in ShardReadingsSurrogate surrogate)
    {
        var readings = new Reading[surrogate.Offsets.Length];
        for (var i = 0; i < readings.Length; i++)
        {
            var values = MeasurementValues.None;
            surrogate.Values.AsSpan(i * surrogate.Width, surrogate.Width).CopyTo(values);
            readings[i] = new()
            {
                SensorId = surrogate.SensorIds[i],
                Offset = surrogate.Offsets[i],
                Timestamp = surrogate.Timestamps[i],
                Values = values,
            };
        }

        return new(readings, 0, readings.Length);
    }

    public ShardReadingsSurrogate ConvertToSurrogate(in ShardReadings value)
    {
        var readings = value.Span;
        var width = Windows.ReadingSliceConverter.Width(readings);
        var surrogate = new ShardReadingsSurrogate
        {
            SensorIds = new int[readings.Length],
            Offsets = new long[readings.Length],
            Timestamps = new long[readings.Length],
            Width = width,
            Values = new double[readings.Length * width],
        };
        for (var i = 0; i < readings.Length; i++)
        {
            ref readonly var reading = ref readings[i];
            (surrogate.SensorIds[i], surrogate.Offsets[i], surrogate.Timestamps[i]) = (reading.SensorId, reading.Offset, reading.Timestamp);
            ((ReadOnlySpan<double>)reading.Values)[..width].CopyTo(surrogate.Values.AsSpan(i * width));
        }

        return surrogate;
    }
}
