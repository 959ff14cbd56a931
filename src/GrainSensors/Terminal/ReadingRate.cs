namespace GrainSensors.Terminal;

/// <summary>Readings a second between two looks.</summary>
internal sealed class ReadingRate(TimeProvider clock)
{
    private long _readings;
    private long _at = clock.GetTimestamp();

    /// <param name="readings">All until now.</param>
    public double Next(long readings)
    {
        var elapsed = clock.GetElapsedTime(_at).TotalSeconds;
        var rate = elapsed > 0 ? (readings - _readings) / elapsed : 0;
        (_readings, _at) = (readings, clock.GetTimestamp());
        return rate;
    }
}
