namespace GrainSensors.Core.Readings;

/// <summary>A reading of a <see cref="ReadingBatch"/>, which has its values.</summary>
/// <remarks>A struct without references, so that the readings of a batch are one array.</remarks>
public struct BatchedReading
{
    /// <summary>The offset in its partition; −1 before the reading is produced.</summary>
    public long Offset;

    /// <summary>The event time in microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Timestamp;

    public int SensorId;

    /// <summary>The index of its first value among the values of the batch.</summary>
    public int FirstValue;

    /// <summary>The number of its values. A measurement that the sensor did not send, or sent as null, has none.</summary>
    public int ValueCount;

    /// <summary>Whether the message has a declared measurement, maybe as null: it is a reading without other values, too.</summary>
    public bool HasDeclared;
}
