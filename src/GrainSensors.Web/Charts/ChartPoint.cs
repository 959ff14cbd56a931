namespace GrainSensors.Web.Charts;

/// <summary>One measurement in one window. Times are in µs since the epoch.</summary>
/// <param name="Start">Inclusive.</param>
/// <param name="End">Exclusive.</param>
public readonly record struct ChartPoint(long Start, long End, long Count, double Mean, double Min, double Max, bool IsFinal);
