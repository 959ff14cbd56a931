namespace GrainSensors.Web.Charts;

/// <summary>One metric of one window on a chart. Times in µs since the epoch.</summary>
public sealed record ChartPoint(long Start, long End, long Count, double Mean, double Min, double Max, bool IsFinal);

/// <summary>An alert on a chart. Times in µs since the epoch.</summary>
/// <param name="End">Now, if it is open.</param>
/// <param name="Text">For people.</param>
public sealed record ChartMark(long Start, long End, bool IsError, string Text);
