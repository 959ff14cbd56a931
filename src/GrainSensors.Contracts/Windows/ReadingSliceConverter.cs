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

    /// <inheritdoc cref="ReadingColumns.Width"/>
    [Id(3)] public int Width;

    /// <summary>The values of all readings. In a table, NaN stands for no value.</summary>
    [Id(4)] public double[] Values;

    /// <inheritdoc cref="ReadingColumns.Measurements"/>
    [Id(5)] public string[]? Measurements;

    /// <inheritdoc cref="ReadingColumns.Counts"/>
    [Id(6)] public ushort[]? Counts;

    /// <inheritdoc cref="ReadingColumns.Places"/>
    [Id(7)] public ushort[]? Places;
}

/// <param name="catalog">Null in a client of a cluster, which knows the default measurements.</param>
[RegisterConverter]
public sealed class ReadingSliceConverter(MeasurementCatalog? catalog = null) : IConverter<ReadingSlice, ReadingSliceSurrogate>
{
    private readonly MeasurementCatalog _catalog = catalog ?? new(MeasurementSet.Default);

    public ReadingSlice ConvertFromSurrogate(in ReadingSliceSurrogate surrogate)
    {
        var readings = new BatchedReading[surrogate.Offsets.Length];
        for (var i = 0; i < readings.Length; i++)
        {
            readings[i] = new() { SensorId = surrogate.SensorId, Offset = surrogate.Offsets[i], Timestamp = surrogate.Timestamps[i] };
        }

        var columns = new ReadingColumns
        {
            Width = surrogate.Width,
            Values = surrogate.Values,
            Measurements = surrogate.Measurements,
            Counts = surrogate.Counts,
            Places = surrogate.Places,
        };
        return new(columns.ToBatch(readings, _catalog), 0, readings.Length);
    }

    public ReadingSliceSurrogate ConvertToSurrogate(in ReadingSlice value)
    {
        var readings = value.Span;
        var (offsets, timestamps) = (new long[readings.Length], new long[readings.Length]);
        for (var i = 0; i < readings.Length; i++)
        {
            (offsets[i], timestamps[i]) = (readings[i].Offset, readings[i].Timestamp);
        }

        var columns = ReadingColumns.Of(readings, value.Batch, _catalog);
        return new()
        {
            SensorId = readings.IsEmpty ? 0 : readings[0].SensorId,
            Offsets = offsets,
            Timestamps = timestamps,
            Width = columns.Width,
            Values = columns.Values,
            Measurements = columns.Measurements,
            Counts = columns.Counts,
            Places = columns.Places,
        };
    }
}
