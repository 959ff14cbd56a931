using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>One measurement of several windows together.</summary>
public sealed class MergedMeasurement
{
    private QuantileSketch? _sketch;
    private EdgeValues? _edges;
    private bool _lacksEdges;

    public RunningStatistics Statistics { get; private set; }

    /// <summary>Null: one of the windows has none.</summary>
    public QuantileSketch? Sketch => _sketch?.Count == Statistics.Count ? _sketch : null;

    /// <inheritdoc cref="Sketch"/>
    public EdgeValues? Edges => _lacksEdges ? null : _edges;

    /// <param name="q">From 0 to 1; 0.5 is the median.</param>
    /// <returns>Within <see cref="QuantileSketch.RelativeError"/>; null: not known.</returns>
    public double? Quantile(double q) => Sketch?.Quantile(q, Statistics.Min, Statistics.Max);

    public void Add(in MeasuredStatistics measured)
    {
        Statistics = Statistics.Merge(measured.Statistics);
        if (measured.Sketch is { } sketch && sketch.Count == measured.Statistics.Count)
        {
            (_sketch ??= new()).Merge(sketch);
        }

        if (measured.Edges is { } edges)
        {
            _edges = _edges?.Merge(edges) ?? edges;
        }

        _lacksEdges |= measured.Edges is null && measured.Statistics.Count > 0;
    }
}
