using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Which windows to read.</summary>
/// <param name="From">Least start, inclusive, µs since the epoch.</param>
/// <param name="To">Greatest start, exclusive, µs since the epoch.</param>
/// <param name="SensorIds">Only these; null: all.</param>
/// <param name="Period">Only windows of this length; null: all.</param>
public sealed record WindowQuery(long From, long To, IReadOnlyList<int>? SensorIds = null, Period? Period = null);
