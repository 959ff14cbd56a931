namespace GrainSensors.Terminal;

/// <summary>Computes readings per second between two samples.</summary>
internal sealed class ReadingRate(TimeProvider clock)
{
    private long _readings;
    private long _at = clock.GetTimestamp();

    /// <param name="readings">Total number of readings so far.</param>
    public double Next(long readings)
    {
        var elapsed = clock.GetElapsedTime(_at).TotalSeconds;
        var rate = elapsed > 0 ? (readings - _readings) / elapsed : 0;
        (_readings, _at) = (readings, clock.GetTimestamp());
        return rate;
    }
}
