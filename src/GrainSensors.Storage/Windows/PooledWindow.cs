using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Which windows of one sensor to pool to longer ones.</summary>
/// <param name="From">Least start, inclusive, µs since the epoch.</param>
/// <param name="To">Greatest start, exclusive, µs since the epoch.</param>
/// <param name="Period">Of the windows that are pooled.</param>
/// <param name="Length">Of those that come of it, a multiple of <paramref name="Period"/>.</param>
public sealed record PoolQuery(int SensorId, long From, long To, Period Period, Period Length);

/// <summary>One metric of the windows that begin within a longer one, as if their readings had been counted together.</summary>
/// <param name="Start">Of the longer one, µs since the epoch.</param>
/// <param name="Revision">The highest of them.</param>
/// <param name="IsFinal">All of them are.</param>
public sealed record PooledWindow(long Start, string Measurement, RunningStatistics Statistics, int Revision, bool IsFinal);
