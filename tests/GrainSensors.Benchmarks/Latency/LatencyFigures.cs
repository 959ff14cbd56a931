namespace GrainSensors.Benchmarks.Latency;

/// <summary>How long something took, of many. Seconds.</summary>
internal sealed record LatencyFigures(string To, int Samples, double P50, double P99, double Max)
{
    /// <param name="micros">µs, in any order; at least one.</param>
    public static LatencyFigures Of(string to, List<long> micros)
    {
        if (micros.Count == 0)
        {
            throw new InvalidOperationException($"Nothing was seen on the way to {to}.");
        }

        micros.Sort();
        return new(to, micros.Count, Percentile(0.5), Percentile(0.99), micros[^1] / 1e6);

        double Percentile(double share) => micros[(int)Math.Min(micros.Count - 1, Math.Ceiling(share * micros.Count) - 1)] / 1e6;
    }
}
