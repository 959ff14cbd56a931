namespace GrainSensors.Grains.Sensors;

/// <summary>A pseudorandom number generator whose state follows from seed, sensor and time.</summary>
/// <remarks>
/// After G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators" (2014). A sensor draws the same numbers
/// at the same time again, and no sensor keeps a generator.
/// </remarks>
internal struct SplitMix64
{
    private ulong _state;

    public SplitMix64(int seed, int sensorId, long moment) =>
        _state = Mix(Mix(Mix((ulong)seed) + (ulong)sensorId) + (ulong)moment);

    /// <returns>A uniform number in [from, to).</returns>
    public double Next(double from, double to)
    {
        _state += 0x9E3779B97F4A7C15;
        return from + ((to - from) * ((Mix(_state) >> 11) * (1.0 / (1L << 53))));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
