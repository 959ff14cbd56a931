namespace GrainSensors.Ingest.Embedded;

/// <summary>
/// Estimates the bytes that a message occupies in the broker: its key, its value and its share of the batch. The estimate is the
/// size before compression, so it is never too low.
/// </summary>
internal sealed class BatchCost(TimeProvider clock)
{
    /// <summary>Bytes of the headers of a batch and of its only record.</summary>
    private const int SingleOverhead = 80;

    /// <summary>Bytes of a record's header and of its share of the batch's header, in a batch of many.</summary>
    private const int SharedOverhead = 16;

    /// <summary>Messages with a shorter interval share batches, regardless of the number of partitions.</summary>
    private static readonly TimeSpan SharedBelow = TimeSpan.FromMicroseconds(100);

    /// <summary>Number of messages over which the interval is averaged.</summary>
    private const int Smoothing = 256;

    private TimeSpan _interval = TimeSpan.FromSeconds(1);
    private long _last = clock.GetTimestamp();

    /// <param name="sharesBatch">Whether the batch has many messages.</param>
    public static int Of(int keyLength, int valueLength, bool sharesBatch) =>
        keyLength + valueLength + (sharesBatch ? SharedOverhead : SingleOverhead);

    /// <summary>The cost of the next message. The average interval between messages decides whether it shares a batch.</summary>
    public int Next(int keyLength, int valueLength)
    {
        var now = clock.GetTimestamp();
        _interval += (clock.GetElapsedTime(_last, now) - _interval) / Smoothing;
        _last = now;
        return Of(keyLength, valueLength, sharesBatch: _interval < SharedBelow);
    }
}
