using System.Runtime.CompilerServices;

namespace GrainSensors.Core.Readings;

/// <summary>What one sensor measured at one moment, and where in the log it stands.</summary>
/// <remarks>
/// A struct without references, so that a batch is one array. The values stand in the order of the
/// <see cref="MeasurementSet"/> that parsed it.
/// </remarks>
public struct Reading
{
    /// <summary>Offset in its partition of the log; −1 before it is produced.</summary>
    public long Offset;

    /// <summary>Event time in microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Timestamp;

    public int SensorId;

    /// <summary>One value per measurement; NaN where the sensor sent none or null.</summary>
    public MeasurementValues Values;
}

/// <summary>The values of one reading by index into its <see cref="MeasurementSet"/>; NaN means absent.</summary>
[InlineArray(Capacity)]
public struct MeasurementValues
{
    /// <summary>The most measurements that one reading can carry.</summary>
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
