namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>The stream provider that a message came from, as the process of a subscriber has it.</summary>
internal interface IMessageOrigin
{
    /// <summary>The bootstrap servers.</summary>
    string Servers { get; }

    /// <summary>The consumer group.</summary>
    string Group { get; }

    /// <summary>Makes a dead letter of a message that its format cannot read.</summary>
    /// <returns>Whether the message is a dead letter now, and not to be delivered.</returns>
    bool TryReject(DeadLetter letter);

    /// <summary>
    /// Notes that a subscriber cannot read any message of a partition now. It matters in the process that delivers the partition.
    /// </summary>
    void FormatUnavailable(string topic, int partition);
}
