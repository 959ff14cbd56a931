namespace GrainSensors.Core.Statistics;

/// <summary>The buckets of magnitudes: bucket i is (γ^(i−1), γ^i], where γ = (1 + error) / (1 − error).</summary>
/// <remarks>
/// On another platform, whose logarithm rounds differently, a magnitude at the border of two buckets may be in the other one. It is within
/// the error of both.
/// </remarks>
internal static class SketchMapping
{
    public const double RelativeError = 0.01;

    /// <summary>Smaller magnitudes count as zero: it keeps γ^i a normal number.</summary>
    public const double MinMagnitude = 1e-300;

    private static readonly double LogGamma = Math.Log((1 + RelativeError) / (1 - RelativeError));
    private static readonly double LogMiddle = Math.Log(1 - RelativeError);

    /// <summary>The bucket of <see cref="MinMagnitude"/>.</summary>
    public static int MinIndex { get; } = Index(MinMagnitude);

    /// <summary>The bucket of <see cref="double.MaxValue"/>.</summary>
    public static int MaxIndex { get; } = Index(double.MaxValue);

    /// <returns>The bucket of a magnitude.</returns>
    public static int Index(double magnitude) => (int)Math.Ceiling(Math.Log(magnitude) / LogGamma);

    /// <returns>γ^i, by which the bounds of buckets differ whose indexes differ by i.</returns>
    public static double Ratio(int buckets) => Math.Exp(buckets * LogGamma);

    /// <returns>2·γ^i / (γ + 1), which is γ^i · (1 − error): as far from both ends of the bucket, relative to them.</returns>
    /// <remarks>γ^i alone may overflow: the bucket of <see cref="double.MaxValue"/> reaches beyond it.</remarks>
    public static double Magnitude(int index) => Math.Exp((index * LogGamma) + LogMiddle);
}
