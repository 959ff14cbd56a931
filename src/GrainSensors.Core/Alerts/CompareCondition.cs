using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The mean of a sensor's window differs from that of another sensor, or from the median of its group.</summary>
public sealed record CompareCondition : SelectionCondition
{
    /// <summary>The median of fewer sensors says nothing about one of them.</summary>
    public const int MinForMedian = 3;

    public override AlertKind Kind => AlertKind.Compare;

    /// <summary>The sensor to compare with; null: the median of the group. A name comes without its number.</summary>
    public SensorRef? Reference { get; init; }

    /// <summary>The limits of the difference.</summary>
    public required ThresholdCondition Limits { get; init; }

    /// <param name="means">Of the group's sensors, in any order; they are sorted.</param>
    /// <returns>The median; NaN if there are too few.</returns>
    public static double MedianOf(double[] means)
    {
        Array.Sort(means);
        var middle = means.Length / 2;
        return means.Length < MinForMedian ? double.NaN
            : means.Length % 2 == 1 ? means[middle]
            : (means[middle - 1] / 2) + (means[middle] / 2);
    }
}
