namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>What a <see cref="RewindMessage"/> reports about its rewind.</summary>
internal enum RewindSignal
{
    /// <summary>The container has a message.</summary>
    None,

    /// <summary>
    /// The rewind is still running. The pulling agent drops streams without messages, and their waiting cursors with them.
    /// </summary>
    Heartbeat,

    /// <summary>
    /// A cursor has left its rewind before the end. The pulling agent may have dropped the stream, and finds its subscribers again now.
    /// </summary>
    Resume,

    /// <summary>All messages of the rewind were read. Its cursors continue.</summary>
    Completed,
}
