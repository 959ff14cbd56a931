namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>What a container without a message tells of a rewind.</summary>
internal enum RewindSignal
{
    /// <summary>Nothing: it has a message.</summary>
    None,

    /// <summary>It takes its time. The pulling agent lets streams go that nothing comes of, and whoever waits for a rewind with them.</summary>
    Heartbeat,

    /// <summary>What was to be read again has been, and whoever waits for it goes on.</summary>
    Completed,
}
