namespace GrainSensors.Benchmarks.Guard;

/// <summary>
/// What the speed of the product is compared with. It is a ratio within one run, so that it holds on a faster or slower
/// machine, too. To be measured again (<c>guard --rounds 7 --baseline 0</c>) when the product has become faster for good.
/// </summary>
internal static class Baseline
{
    public const int Sensors = 1_000;

    /// <summary>Readings that are taken at a time, by the one and then by the other.</summary>
    public const long Chunk = 600_000;

    public const int Partitions = 16;

    /// <summary>
    /// The silo's readings a second, divided by those of the bare loop: on two cores the median of seven rounds was 1.15, and between
    /// rounds it was from 0.63 to 1.40, which is why it is rounded down.
    /// </summary>
    public const double Ratio = 1.0;
}
