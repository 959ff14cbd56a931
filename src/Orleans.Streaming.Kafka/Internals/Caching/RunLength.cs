namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Number of messages that a cursor delivers in one call. It starts at 1, doubles while calls are fast, halves after a slow one and
/// returns to 1 after a failure.
/// </summary>
internal sealed class RunLength(int max, TimeProvider clock)
{
    /// <summary>Size of a run in bytes after which no message is added.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Target for the longest call; slower calls shorten the next runs.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(1);

    private int _single;
    private long _startedAt;

    public int Max { get; private set; } = 1;

    /// <summary>Starts the measurement of a call.</summary>
    /// <returns>Whether the call may deliver more than one message.</returns>
    public bool Start()
    {
        _startedAt = clock.GetTimestamp();
        if (_single == 0)
        {
            return Max > 1;
        }

        _single--;
        return false;
    }

    /// <summary>Adapts the length to the duration of a call.</summary>
    /// <param name="delivered">Number of messages of the call; a short run does not predict a longer one.</param>
    public void Delivered(int delivered)
    {
        if (_single > 0 || delivered < Max)
        {
            return;
        }

        var elapsed = clock.GetElapsedTime(_startedAt);
        Max = elapsed < MaxDuration / 2 ? Math.Min(Max * 2, max) : elapsed > MaxDuration ? Math.Max(Max / 2, 1) : Max;
    }

    /// <summary>Delivers the next messages one by one, because one of them has failed.</summary>
    public void Failed(int count) => (_single, Max) = (count, 1);
}
