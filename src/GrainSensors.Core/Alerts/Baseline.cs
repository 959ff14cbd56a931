namespace GrainSensors.Core.Alerts;

/// <summary>What a sensor usually reads: exponentially weighted mean and variance, with weights by time, so that it means the same at any rate of readings.</summary>
/// <remarks>
/// The update is West's, "Updating mean and variance estimates: an improved method" (1979). Until there are enough readings
/// for the weight by time the weights are equal.
/// </remarks>
/// <param name="Count">How many readings it has seen; saturates.</param>
/// <param name="Mean">0 when there are none.</param>
/// <param name="Variance">0 when there are none.</param>
/// <param name="At">Of the last reading, µs since the epoch.</param>
public readonly record struct Baseline(int Count, double Mean, double Variance, long At)
{
    /// <summary>After a gap as long as this share of the memory the new mean is a jump, which says nothing about the spread.</summary>
    private const double LongGap = 0.25;

    public double Deviation => Math.Sqrt(Variance);

    /// <param name="memory">The time constant, µs.</param>
    /// <param name="at">Not before the reading before it.</param>
    public Baseline Add(double value, long at, long memory)
    {
        if (Count == 0)
        {
            return new(1, value, 0, at);
        }

        var count = Count == int.MaxValue ? Count : Count + 1;
        var share = (double)(at - At) / memory;
        var weight = Math.Max(1.0 / count, 1 - Math.Exp(-share));
        var delta = value - Mean;
        var mean = Mean + (weight * delta);
        return new(count, mean, share > LongGap ? Variance : (1 - weight) * (Variance + (weight * delta * delta)), at);
    }

    internal void Write(StateWriter writer, long @base)
    {
        writer.Unsigned((ulong)Count);
        writer.Number(Mean);
        writer.Number(Variance);
        writer.Signed(@base - At);
    }

    internal static Baseline Read(ref StateReader reader, long @base) =>
        new((int)reader.Unsigned(), reader.Number(), reader.Number(), @base - reader.Signed());
}
