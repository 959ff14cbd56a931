using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The wire form of <see cref="SourceId"/>; Core knows nothing of Orleans.</summary>
[GenerateSerializer, Immutable, Alias("GrainSensors.SourceId.Wire")]
public struct SourceIdSurrogate
{
    [Id(0)] public Guid TopicId;

    [Id(1)] public int Partition;
}

[RegisterConverter]
public sealed class SourceIdConverter : IConverter<SourceId, SourceIdSurrogate>
{
    public SourceId ConvertFromSurrogate(in SourceIdSurrogate surrogate) => new(surrogate.TopicId, surrogate.Partition);

    public SourceIdSurrogate ConvertToSurrogate(in SourceId value) => new() { TopicId = value.TopicId, Partition = value.Partition };
}

/// <summary>The wire form of <see cref="RunningStatistics"/>.</summary>
[GenerateSerializer, Immutable, Alias("GrainSensors.RunningStatistics.Wire")]
public struct RunningStatisticsSurrogate
{
    [Id(0)] public long Count;

    [Id(1)] public double Mean;

    [Id(2)] public double M2;

    [Id(3)] public double Min;

    [Id(4)] public double Max;
}

[RegisterConverter]
public sealed class RunningStatisticsConverter : IConverter<RunningStatistics, RunningStatisticsSurrogate>
{
    public RunningStatistics ConvertFromSurrogate(in RunningStatisticsSurrogate surrogate) =>
        new(surrogate.Count, surrogate.Mean, surrogate.M2, surrogate.Min, surrogate.Max);

    public RunningStatisticsSurrogate ConvertToSurrogate(in RunningStatistics value) =>
        new() { Count = value.Count, Mean = value.Mean, M2 = value.M2, Min = value.Min, Max = value.Max };
}
