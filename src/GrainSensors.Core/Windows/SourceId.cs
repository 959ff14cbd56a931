namespace GrainSensors.Core.Windows;

/// <summary>A source: one partition of one incarnation of a topic. Offsets count within a source.</summary>
/// <remarks>
/// A topic that is deleted and created again is another source. Its offsets start again at 0 and are not duplicates.
/// </remarks>
/// <param name="TopicId">The UUID that Kafka assigned to the topic at its creation.</param>
public readonly record struct SourceId(Guid TopicId, int Partition)
{
    public override string ToString() => $"{TopicId:N}-{Partition}";
}
