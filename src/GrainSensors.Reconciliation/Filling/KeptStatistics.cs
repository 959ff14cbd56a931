using System.Text;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>
/// The statistics that rows keep beside count, mean, variance and extremes: the first and the last value, and sketches if the
/// configuration asks for them. One more of this kind is a member of <see cref="RecomputedWindow"/>, which <see cref="ValueFold"/> sets,
/// and a condition here.
/// </summary>
internal sealed class KeptStatistics
{
    private readonly ReconciliationRequest _request;
    private readonly Dictionary<string, (bool IsKnown, bool HasSketch)> _measurements;

    public KeptStatistics(ReconciliationRequest request)
    {
        _request = request;
        _measurements = request.Measurements.ToDictionary(measurement => measurement.Name, measurement => (true, measurement.HasSketch));
        Measurements =
        [
            .. request.Measurements.Select(measurement => measurement.Name)
                .Concat(request.Discovered.Select(measurement => measurement.Name))
                .Order(Comparer<string>.Create(WindowPairs.CompareMeasurements)),
        ];
    }

    /// <summary>The measurements to recompute, in the order of the rows.</summary>
    public IReadOnlyList<string> Measurements { get; }

    /// <returns>Whether the row is final and lacks a statistic that it would have if it were counted now.</returns>
    public bool IsMissing(WindowRow row) => row is { IsFinal: true, Statistics.Count: > 0 }
        && ((row.Edges is null && Of(row.Key.Measurement).IsKnown) || (row.Sketch is null && Of(row.Key.Measurement).HasSketch));

    /// <param name="recomputed">Has the values of the stored measurement.</param>
    public MeasuredStatistics Fill(in MeasuredStatistics stored, RecomputedWindow recomputed) => stored with
    {
        Sketch = stored.Sketch ?? (Of(stored.Measurement).HasSketch ? recomputed.Sketch : null),
        Edges = stored.Edges ?? EdgesOf(stored, recomputed),
    };

    /// <remarks>
    /// A row goes on as it began: its times are either those of readings, or those of steps. The steps of a row have the values that
    /// count, whatever the engine used; without steps the engine may have used none either.
    /// </remarks>
    private EdgeValues? EdgesOf(in MeasuredStatistics stored, RecomputedWindow recomputed) => stored.Steps is { } steps
        ? steps.Edges(recomputed.Start, _request.Period.TotalMicros / steps.Steps)
        : _request.DeduplicateResolution is null ? recomputed.Edges : null;

    private (bool IsKnown, bool HasSketch) Of(string measurement)
    {
        if (!_measurements.TryGetValue(measurement, out var kept))
        {
            var isKnown = _request.Discovery.Cover(Encoding.UTF8.GetBytes(measurement));
            kept = (isKnown, isKnown && _request.Discovery.HasSketches);
            _measurements.Add(measurement, kept);
        }

        return kept;
    }
}
