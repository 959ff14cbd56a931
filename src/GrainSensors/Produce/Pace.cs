namespace GrainSensors.Produce;

/// <summary>How many readings are due: a steady rate, without bursts after a stop.</summary>
/// <param name="rate">Readings a second; infinite: always as many as a step takes.</param>
internal sealed class Pace(double rate, TimeProvider clock)
{
    /// <summary>How many go before the next look at the clock.</summary>
    private const int MaxStep = 1000;

    private readonly long _started = clock.GetTimestamp();
    private double _done;

    /// <returns>How many to send now; 0: wait a moment. What could not be sent for more than a second is let go.</returns>
    public int Due()
    {
        if (double.IsPositiveInfinity(rate))
        {
            return MaxStep;
        }

        // The first one at once.
        var due = 1 + (clock.GetElapsedTime(_started).TotalSeconds * rate);
        _done = Math.Max(_done, due - Math.Max(1, rate));
        var count = (int)Math.Min(MaxStep, Math.Floor(due - _done));
        _done += count;
        return count;
    }
}
