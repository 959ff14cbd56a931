using GrainSensors.Benchmarks.Metering;

namespace GrainSensors.Benchmarks.Growth;

/// <summary>A piece of a long run.</summary>
/// <param name="Until">Its end, s since the start.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="Readings">That were taken in it.</param>
internal sealed record GrowthInterval(double Until, double Seconds, long Readings, Usage Usage)
{
    public double Rate => Readings / Seconds;

    public double CpuPerMillion => Usage.Cpu / Readings * 1e6;
}
