using System.Runtime.CompilerServices;

namespace GrainSensors.Core.Readings;

/// <summary>The values of one sensor at one time, and their offset in Kafka.</summary>
/// <remarks>
/// A struct without references, so that a batch is one array. The values are in the order of the <see cref="MeasurementSet"/> that
/// parsed the reading.
/// </remarks>
public struct Reading
{
    /// <summary>The offset in its partition; −1 before the reading is produced.</summary>
    public long Offset;

    /// <summary>The event time in microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Timestamp;

    public int SensorId;

    /// <summary>One value per measurement; NaN if the sensor sent none or null.</summary>
    public MeasurementValues Values;
}

/// <summary>The values of one reading by index into its <see cref="MeasurementSet"/>; NaN means absent.</summary>
[InlineArray(Capacity)]
public struct MeasurementValues
{
    /// <summary>The largest number of measurements of a reading.</summary>
    public const int Capacity = 8;

#pragma warning disable IDE0044, IDE0051 // the compiler lays the array out from this field
    private double _first;
#pragma warning restore IDE0044, IDE0051

    /// <summary>Values that are all absent.</summary>
    public static MeasurementValues None
    {
        get
        {
            MeasurementValues values = default;
            ((Span<double>)values).Fill(double.NaN);
            return values;
        }
    }
}
