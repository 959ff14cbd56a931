namespace GrainSensors.Benchmarks.Guard;

/// <summary>Readings a second of both, one right after the other.</summary>
internal sealed record GuardRound(int Number, double Bare, double Silo)
{
    public double Ratio => Silo / Bare;
}
