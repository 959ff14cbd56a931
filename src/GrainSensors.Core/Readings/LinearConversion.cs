namespace GrainSensors.Core.Readings;

/// <summary>Makes the value that is kept of the one that was sent: <c>sent · factor + offset</c>, rounded twice.</summary>
/// <remarks>Every engine computes it in this form with the same two numbers, so that windows are equal to the bit.</remarks>
public sealed record LinearConversion(double Factor, double Offset)
{
    public double Convert(double sent) => (sent * Factor) + Offset;

    /// <returns>A value that is converted to this one, or to a number next to it.</returns>
    public double Invert(double kept) => (kept - Offset) / Factor;
}
