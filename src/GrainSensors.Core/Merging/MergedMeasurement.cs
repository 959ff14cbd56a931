using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Merging;

/// <summary>One measurement of several windows together.</summary>
public sealed class MergedMeasurement
{
    private QuantileSketch? _sketch;

    public RunningStatistics Statistics { get; private set; }

    /// <summary>Null: one of the windows has none.</summary>
    public QuantileSketch? Sketch => _sketch?.Count == Statistics.Count ? _sketch : null;

    /// <param name="q">From 0 to 1; 0.5 is the median.</param>
    /// <returns>Within <see cref="QuantileSketch.RelativeError"/>; null: not known.</returns>
    public double? Quantile(double q) => Sketch?.Quantile(q, Statistics.Min, Statistics.Max);

    public void Add(RunningStatistics statistics, QuantileSketch? sketch)
    {
        Statistics = Statistics.Merge(statistics);
        if (sketch is not null && sketch.Count == statistics.Count)
        {
            (_sketch ??= new()).Merge(sketch);
        }
    }
}
