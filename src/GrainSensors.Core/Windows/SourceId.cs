namespace GrainSensors.Core.Windows;

/// <summary>A source: one partition of one incarnation of a topic, and of its log. Offsets count within a source.</summary>
/// <remarks>
/// A topic that is deleted and created again is another source. Its offsets start again at 0 and are not duplicates. Neither are the
/// offsets that a log uses again after it was truncated (<see cref="LeaderEpochs"/>).
/// </remarks>
/// <param name="TopicId">The UUID that Kafka assigned to the topic at its creation.</param>
/// <param name="Incarnation">The incarnation of the log; 0 in rows that an older release wrote.</param>
public readonly record struct SourceId(Guid TopicId, int Partition, int Incarnation = 0)
{
    /// <summary>The same for all incarnations of a log.</summary>
    public SourceId WithoutIncarnation() => this with { Incarnation = 0 };

    public override string ToString() => $"{TopicId:N}-{Partition}{(Incarnation == 0 ? "" : $".{Incarnation}")}";
}
