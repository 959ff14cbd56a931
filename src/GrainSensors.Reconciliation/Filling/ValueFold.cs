using System.Runtime.CompilerServices;
using GrainSensors.Core.Statistics;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>Folds values to windows as the stream does, one by one: only one window is in memory.</summary>
internal static class ValueFold
{
    /// <param name="values">The values of a window one after the other.</param>
    /// <param name="measurements">The names of the measurements.</param>
    public static async IAsyncEnumerable<RecomputedWindow> FoldAsync(
        IAsyncEnumerable<WindowValue> values, IReadOnlyList<string> measurements,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Window? current = null;
        await foreach (var value in values.WithCancellation(cancellationToken))
        {
            if (current?.Has(value) == false)
            {
                yield return current.ToRecomputed(measurements);
                current = null;
            }

            (current ??= new(value)).Add(value.At, value.Value);
        }

        if (current is not null)
        {
            yield return current.ToRecomputed(measurements);
        }
    }

    /// <param name="first">Any of its values.</param>
    private sealed class Window(WindowValue first)
    {
        private readonly QuantileSketch _sketch = new();
        private RunningStatistics _statistics;
        private EdgeValues _edges = EdgeValues.Of(first.At, first.Value);

        public bool Has(in WindowValue value) =>
            (value.SensorId, value.Measurement, value.Start) == (first.SensorId, first.Measurement, first.Start);

        public void Add(long at, double value)
        {
            _edges = _edges.Add(at, value);
            _statistics = _statistics.Add(value);
            _sketch.Add(value);
        }

        public RecomputedWindow ToRecomputed(IReadOnlyList<string> measurements) => new(
            first.SensorId, measurements[first.Measurement], first.Start, _statistics.Count, _statistics.Min, _statistics.Max,
            _statistics.Mean, _statistics.PopulationVariance)
        {
            Sketch = _sketch,
            Edges = _edges,
        };
    }
}
