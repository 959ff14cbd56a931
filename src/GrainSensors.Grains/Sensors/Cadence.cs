using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Sensors;

/// <summary>When a simulated sensor reports: once a second, each at its own moment of it, so that 10,000 sensors do not all report at once.</summary>
/// <remarks>Moments and spans in µs. Computed from the clock instead of adding up periods, which would drift by what each tick takes.</remarks>
internal static class Cadence
{
    public const long Interval = EpochTime.MicrosPerSecond;

    private static readonly Period Second = Period.FromSeconds(1);

    /// <summary>Multiplied by the golden ratio, neighbouring ids lie far from each other, and any number of them evenly.</summary>
    public static long PhaseOf(int sensorId) => (long)(((ulong)((uint)sensorId * 2_654_435_769u) * Interval) >> 32);

    /// <returns>The first moment to report after now.</returns>
    public static long First(int sensorId, long now)
    {
        var phase = PhaseOf(sensorId);
        return Second.StartOf(now - phase) + phase + Interval;
    }

    /// <param name="due">When the last report was due.</param>
    /// <returns>The moment after it, or the first after now when that has passed or the clock was set back.</returns>
    public static long Next(int sensorId, long due, long now)
    {
        // Timers fire up to a millisecond early, which must not bring the same moment again.
        var next = due + Interval;
        return next > now && next <= now + (Interval * 3 / 2) ? next : First(sensorId, now);
    }
}
