using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The wire format of <see cref="SourceId"/>, here because Core does not depend on Orleans.</summary>
[GenerateSerializer, Immutable, Alias("GrainSensors.SourceId.Wire")]
public struct SourceIdSurrogate
{
    [Id(0)] public Guid TopicId;

    [Id(1)] public int Partition;

    [Id(2)] public int Incarnation;
}

[RegisterConverter]
public sealed class SourceIdConverter : IConverter<SourceId, SourceIdSurrogate>
{
    public SourceId ConvertFromSurrogate(in SourceIdSurrogate surrogate) =>
        new(surrogate.TopicId, surrogate.Partition, surrogate.Incarnation);

    public SourceIdSurrogate ConvertToSurrogate(in SourceId value) =>
        new() { TopicId = value.TopicId, Partition = value.Partition, Incarnation = value.Incarnation };
}
