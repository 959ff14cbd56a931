using GrainSensors.Core.Windows;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Model;

/// <summary>A topic that the silos read.</summary>
/// <param name="Id">See <see cref="SourceId.TopicId"/>.</param>
/// <param name="Source">The format and the mapping of the messages; null: the topic of readings, with messages of the contract.</param>
public sealed record LogTopic(string Name, Guid Id, int Partitions, SourceOptions? Source = null)
{
    public SourceId SourceOf(int partition) => new(Id, partition);

    public LogPlace PlaceOf(int partition, long offset) => new(partition, offset, Source is null ? null : Name);
}
