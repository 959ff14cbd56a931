using GrainSensors.Benchmarks.Metering;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>One pass over the log.</summary>
/// <param name="Readings">Those that were measured.</param>
/// <param name="From">When they began, µs since the epoch.</param>
/// <param name="To">When the last one was durable, µs since the epoch.</param>
/// <param name="IsExact">The rows hold each reading of the log once.</param>
internal sealed record IngestRound(long Readings, long From, long To, bool IsExact, Usage Usage)
{
    public double Seconds => (To - From) / 1e6;

    public double Rate => Readings / Seconds;

    public double CpuPerMillion => Usage.Cpu / Readings * 1e6;

    public double AllocatedPerReading => (double)Usage.Allocated / Readings;
}
