namespace GrainSensors.Produce;

/// <summary>Computes how many readings are due at a steady rate, without a burst after a pause.</summary>
/// <param name="rate">Readings per second; infinite: every step is full.</param>
internal sealed class Pace(double rate, TimeProvider clock)
{
    /// <summary>Readings between two looks at the clock.</summary>
    private const int MaxStep = 1000;

    private readonly long _started = clock.GetTimestamp();
    private double _done;

    /// <returns>The number of readings to send now; 0: wait. A backlog of more than one second is dropped.</returns>
    public int Due()
    {
        if (double.IsPositiveInfinity(rate))
        {
            return MaxStep;
        }

        // The first reading is due at once.
        var due = 1 + (clock.GetElapsedTime(_started).TotalSeconds * rate);
        _done = Math.Max(_done, due - Math.Max(1, rate));
        var count = (int)Math.Min(MaxStep, Math.Floor(due - _done));
        _done += count;
        return count;
    }
}
