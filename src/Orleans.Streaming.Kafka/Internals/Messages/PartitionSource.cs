namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>A partition of a topic with a known id.</summary>
internal readonly record struct PartitionSource(string Topic, Guid TopicId, int Partition)
{
    /// <summary>Whether the token is of another partition, or of another topic of the same name.</summary>
    public bool IsForeign(KafkaSequenceToken token) =>
        token is { TopicId: { } topic, Partition: { } partition } && (topic != TopicId || partition != Partition);

    public override string ToString() => $"{Topic} [{Partition}]";
}
