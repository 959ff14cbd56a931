namespace GrainSensors.Core.Windows;

/// <summary>
/// One partition of one incarnation of a topic: what offsets count in. A topic that is deleted and created
/// again is another source, so its offsets, which start again at 0, are not taken for duplicates.
/// </summary>
/// <param name="TopicId">The UUID that Kafka gave the topic when it was created.</param>
public readonly record struct SourceId(Guid TopicId, int Partition)
{
    public override string ToString() => $"{TopicId:N}-{Partition}";
}
