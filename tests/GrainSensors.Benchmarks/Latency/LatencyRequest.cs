namespace GrainSensors.Benchmarks.Latency;

/// <summary>What is to be measured.</summary>
/// <param name="Rate">Readings a second, of all sensors together.</param>
internal sealed record LatencyRequest(int Sensors, int Rate, TimeSpan Time)
{
    private const int Sample = 200;

    /// <summary>One sensor in so many is looked at.</summary>
    public int Stride => Math.Max(2, Sensors / Sample);

    /// <summary>Each sensor raises one alert at most, so that what is seen of it is its raising.</summary>
    public int AlertsPerSecond => (int)Math.Clamp(Sensors / Stride / (Time.TotalSeconds + LatencyRun.WarmUp.TotalSeconds), 1, 20);
}
