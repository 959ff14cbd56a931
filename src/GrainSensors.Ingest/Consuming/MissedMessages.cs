namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Counts what the log dropped before a partition started, once for each start that is stored. Whether it is may be known only when the
/// next attempt reads the checkpoint; until then it counts.
/// </summary>
internal sealed class MissedMessages
{
    private long _settled;
    private (long Token, long Count)? _attempt;

    /// <summary>A start is about to be stored.</summary>
    /// <param name="token">The token of its checkpoint.</param>
    /// <returns>The number of missed messages.</returns>
    public long Begin(long token, long count)
    {
        _attempt = (token, count);
        return _settled + count;
    }

    /// <summary>The stored checkpoint shows whether the last attempt was stored.</summary>
    /// <param name="stored">Its token; null: none is stored, or the attempt was refused.</param>
    /// <returns>The number of missed messages.</returns>
    public long Settle(long? stored)
    {
        _settled += _attempt is var (token, count) && token == stored ? count : 0;
        _attempt = null;
        return _settled;
    }
}
