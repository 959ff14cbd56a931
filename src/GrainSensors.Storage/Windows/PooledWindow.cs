using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>A query that pools the windows of one sensor to longer ones.</summary>
/// <param name="From">Earliest start, inclusive, µs since the epoch.</param>
/// <param name="To">Latest start, exclusive, µs since the epoch.</param>
/// <param name="Period">The period of the stored windows.</param>
/// <param name="Length">The length of the pooled windows, a multiple of <paramref name="Period"/>.</param>
public sealed record PoolQuery(int SensorId, long From, long To, Period Period, Period Length);

/// <summary>One measurement of the windows that start within a longer one, with the statistics of all their readings.</summary>
/// <param name="Start">Start of the longer window, µs since the epoch.</param>
/// <param name="Revision">The highest revision of the pooled windows.</param>
/// <param name="IsFinal">True if all pooled windows are final.</param>
public sealed record PooledWindow(long Start, string Measurement, RunningStatistics Statistics, int Revision, bool IsFinal);
