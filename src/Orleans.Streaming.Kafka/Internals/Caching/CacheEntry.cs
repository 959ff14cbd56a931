using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>A message in the cache, linked with the next one of its stream and with the next one of its partition.</summary>
internal sealed class CacheEntry(StreamQueue log, long offset, KafkaBatchContainer? message, int bytes, long addedAt)
{
    public StreamQueue Log => log;

    public long Offset => offset;

    /// <summary>Null: no longer kept.</summary>
    public KafkaBatchContainer? Message { get; set; } = message;

    public int Bytes => bytes;

    public long AddedAt => addedAt;

    /// <summary>Cursors that have yet to get past it. While there are any it is kept, and not committed.</summary>
    public int Pending { get; set; }

    /// <summary>It stands in the line of those that may be dropped.</summary>
    public bool IsInLine { get; set; }

    public CacheEntry? NextInStream { get; set; }

    public CacheEntry? NextInPartition { get; set; }
}
