using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Sensors;

/// <summary>The report times of simulated sensors: once per second, spread over the tenths of the second so that load is even.</summary>
/// <remarks>
/// Times are in µs. They are computed from the clock: a sum of periods would drift by the duration of each tick. Sensors that report
/// together share a batch of the log. Single readings would be a batch each, and the embedded broker searches all of its batches for
/// each that it delivers.
/// </remarks>
internal static class Cadence
{
    public const long Interval = EpochTime.MicrosPerSecond;

    /// <summary>Sensors report at the beginning of each tenth of a second.</summary>
    public const long Step = Interval / Steps;

    private const int Steps = 10;

    private static readonly Period Second = Period.FromSeconds(1);

    /// <summary>The offset of a sensor's reports within the second, µs.</summary>
    /// <remarks>The golden ratio as a factor puts neighbouring ids far apart and spreads any number of ids evenly.</remarks>
    public static long PhaseOf(int sensorId) => (long)(((ulong)((uint)sensorId * 2_654_435_769u) * Steps) >> 32) * Step;

    /// <returns>The first report time after now.</returns>
    public static long First(int sensorId, long now)
    {
        var phase = PhaseOf(sensorId);
        return Second.StartOf(now - phase) + phase + Interval;
    }

    /// <param name="due">The time at which the last report was due.</param>
    /// <returns>The next report time; the first one after now if that has passed or the clock was set back.</returns>
    public static long Next(int sensorId, long due, long now)
    {
        // Timers fire up to a millisecond early, which must not repeat the same report time.
        var next = due + Interval;
        return next > now && next <= now + (Interval * 3 / 2) ? next : First(sensorId, now);
    }
}
