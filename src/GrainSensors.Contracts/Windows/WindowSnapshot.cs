using GrainSensors.Core.Statistics;

namespace GrainSensors.Contracts.Windows;

/// <summary>One metric of one window, as it stands.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
/// <param name="End">Exclusive, µs since the epoch.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.WindowSnapshot")]
public sealed record WindowSnapshot(
    [property: Id(0)] int SensorId,
    [property: Id(1)] string Metric,
    [property: Id(2)] long Start,
    [property: Id(3)] long End,
    [property: Id(4)] RunningStatistics Statistics,
    [property: Id(5)] int Revision,
    [property: Id(6)] bool IsFinal);
