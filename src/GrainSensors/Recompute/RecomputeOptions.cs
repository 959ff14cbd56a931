using GrainSensors.Core.Windows;

namespace GrainSensors.Recompute;

/// <summary>The options of <c>recompute</c>. Times are in µs since the epoch.</summary>
/// <param name="Period">The period to fill; null: statistics.</param>
/// <param name="From">Earliest start, inclusive; null: as far back as possible.</param>
/// <param name="To">Latest start, exclusive; null: now.</param>
internal sealed record RecomputeOptions(WindowPeriod? Period, long? From, long? To, bool DryRun, bool Json);
