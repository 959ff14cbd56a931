using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Alerts;

/// <summary>The readings of a shard in a batch: a part of the batch, like <see cref="ReadingSlice"/>.</summary>
/// <remarks>The readings are grouped by sensor; those of a sensor are in the order of their offsets.</remarks>
[Immutable]
public readonly struct ShardReadings(ReadingBatch batch, int start, int count)
{
    public ReadingBatch Batch => batch;

    public int Count => count;

    public ReadOnlySpan<BatchedReading> Span => batch.Readings.Slice(start, count);

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
public sealed class ShardReadingsConverter(MeasurementCatalog? catalog = null) : IConverter<ShardReadings, ShardReadingsSurrogate>
{
    private readonly MeasurementCatalog _catalog = catalog ?? new(MeasurementSet.Default);

    public ShardReadings ConvertFromSurrogate(in ShardReadingsSurrogate surrogate)
    {
        var readings = new BatchedReading[surrogate.Offsets.Length];
        for (var i = 0; i < readings.Length; i++)
        {
            readings[i] = new()
            {
                SensorId = surrogate.SensorIds[i],
                Offset = surrogate.Offsets[i],
                Timestamp = surrogate.Timestamps[i],
            };
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

    public ShardReadingsSurrogate ConvertToSurrogate(in ShardReadings value)
    {
        var readings = value.Span;
        var columns = ReadingColumns.Of(readings, value.Batch, _catalog);
        var surrogate = new ShardReadingsSurrogate
        {
            SensorIds = new int[readings.Length],
            Offsets = new long[readings.Length],
            Timestamps = new long[readings.Length],
            Width = columns.Width,
            Values = columns.Values,
            Measurements = columns.Measurements,
            Counts = columns.Counts,
            Places = columns.Places,
        };
        for (var i = 0; i < readings.Length; i++)
        {
            ref readonly var reading = ref readings[i];
            (surrogate.SensorIds[i], surrogate.Offsets[i], surrogate.Timestamps[i]) = (reading.SensorId, reading.Offset, reading.Timestamp);
        }

        return surrogate;
    }
}
