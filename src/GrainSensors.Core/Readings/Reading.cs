using System.Runtime.CompilerServices;

namespace GrainSensors.Core.Readings;

/// <summary>The values of declared measurements of one sensor at one time: a reading as producers and recordings have it.</summary>
/// <remarks>
/// The values are in the order of the <see cref="MeasurementSet"/>. Readings of Kafka have any measurements; see
/// <see cref="ReadingBatch"/>.
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

    /// <summary>Whether the reading has values of measurements that are not declared.</summary>
    public bool HasOthers;

    /// <param name="declared">The number of declared measurements.</param>
    public static Reading Of(in BatchedReading reading, ReadOnlySpan<MeasuredValue> values, int declared)
    {
        var of = new Reading
        {
            Offset = reading.Offset,
            Timestamp = reading.Timestamp,
            SensorId = reading.SensorId,
            Values = MeasurementValues.None,
        };
        foreach (var (measurement, value) in values)
        {
            if (measurement < declared)
            {
                of.Values[measurement] = value;
            }
            else
            {
                of.HasOthers = true;
            }
        }

        return of;
    }
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
