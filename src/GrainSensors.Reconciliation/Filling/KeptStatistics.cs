using System.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>
/// The statistics that rows keep beside count, mean, variance and extremes if the configuration asks for them: sketches. One more of
/// this kind is a member of <see cref="RecomputedWindow"/>, which <see cref="ValueFold"/> sets, and a condition here.
/// </summary>
internal sealed class KeptStatistics
{
    private readonly ReconciliationRequest _request;
    private readonly Dictionary<string, bool> _sketched;

    public KeptStatistics(ReconciliationRequest request)
    {
        _request = request;
        _sketched = request.Measurements.ToDictionary(measurement => measurement.Name, measurement => measurement.HasSketch);
        Measurements =
        [
            .. request.Measurements.Select(measurement => measurement.Name)
                .Concat(request.Discovered.Select(measurement => measurement.Name))
                .Where(IsKept).Order(Comparer<string>.Create(WindowPairs.CompareMeasurements)),
        ];
    }

    /// <summary>The measurements to recompute, in the order of the rows.</summary>
    public IReadOnlyList<string> Measurements { get; }

    /// <returns>Whether the row is final and lacks a statistic that it would have if it were counted now.</returns>
    public bool IsMissing(WindowRow row) =>
        row is { IsFinal: true, Statistics.Count: > 0, Sketch: null } && IsKept(row.Key.Measurement);

    /// <param name="recomputed">Has the values of the stored measurement.</param>
    public static MeasuredStatistics Fill(in MeasuredStatistics stored, RecomputedWindow recomputed) =>
        stored with { Sketch = stored.Sketch ?? recomputed.Sketch };

    private bool IsKept(string measurement)
    {
        if (!_sketched.TryGetValue(measurement, out var isKept))
        {
            isKept = _request.Discovery.HasSketches && _request.Discovery.Cover(Encoding.UTF8.GetBytes(measurement));
            _sketched.Add(measurement, isKept);
        }

        return isKept;
    }
}
