namespace GrainSensors.Core.Readings;

/// <summary>The values of one sensor at one time: a reading as producers and recordings have it, and as views show it.</summary>
/// <remarks>
/// Producers and recordings have values as they are sent; views have them as they are kept (<see cref="Measurement.Conversion"/>).
/// Measurements have the numbers of the <see cref="MeasurementCatalog"/>: declared ones their index in the <see cref="MeasurementSet"/>.
/// Readings on their way from Kafka to windows are in a <see cref="ReadingBatch"/>.
/// </remarks>
public struct Reading
{
    /// <summary>The offset in its partition; −1 before the reading is produced.</summary>
    public long Offset;

    /// <summary>The event time in microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Timestamp;

    public int SensorId;

    /// <summary>NaN for a measurement that the sensor did not send, or sent as null.</summary>
    public MeasurementValues Values;

    public static Reading Of(in BatchedReading reading, ReadOnlySpan<MeasuredValue> values) => new()
    {
        Offset = reading.Offset,
        Timestamp = reading.Timestamp,
        SensorId = reading.SensorId,
        Values = MeasurementValues.Of(values),
    };
}
