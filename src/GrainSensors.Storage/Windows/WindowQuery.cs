using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>A query for window rows.</summary>
/// <param name="From">Earliest start, inclusive, µs since the epoch.</param>
/// <param name="To">Latest start, exclusive, µs since the epoch.</param>
/// <param name="SensorIds">The sensors; null for all.</param>
/// <param name="Period">The period of the windows; null for all periods.</param>
/// <param name="WithDetails">Whether the rows have their sketches and edges, which cost as much to read as the rest.</param>
public sealed record WindowQuery(
    long From, long To, IReadOnlyList<int>? SensorIds = null, Period? Period = null, bool WithDetails = false);
