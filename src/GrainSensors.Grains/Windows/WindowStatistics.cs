using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>The statistics of a window in memory, of the measurements that have values.</summary>
/// <param name="steps">The steps of new measurements, of which one value counts for each step; 0: every value counts.</param>
internal struct WindowStatistics(WindowId id, int steps, MeasurementCatalog catalog)
{
    /// <summary>In the order of the numbers of the measurements.</summary>
    private Measured[] _measured = [];

    private long _replaced;

    /// <summary>The number of values of all measurements, and how often a smaller one took the place of a value.</summary>
    public readonly long Count
    {
        get
        {
            var count = _replaced;
            foreach (ref readonly var measured in _measured.AsSpan())
            {
                count += measured.Statistics.Count;
            }

            return count;
        }
    }

    /// <summary>
    /// Takes over what is stored. The measurements deduplicate, and have a sketch, as they did when they were written: a sketch lacks the
    /// values from before it.
    /// </summary>
    public void Load(IReadOnlyList<MeasuredStatistics> stored, ExactnessRules rules)
    {
        var (numbers, keptSteps) = (catalog, steps);
        _measured =
        [
            .. stored.Where(measured => measured.Statistics.Count > 0).Select(measured => new Measured(
                numbers.NumberOf(measured.Measurement),
                rules.KeepsSteps ? measured.Steps?.Copy() : NewSteps(keptSteps),
                measured.Sketch?.Copy())
            {
                Statistics = measured.Statistics,
                Last = measured.Last,
                Edges = measured.Edges,
            }).OrderBy(measured => measured.Number),
        ];
    }

    /// <summary>Applies the values of a reading.</summary>
    /// <param name="timestamp">The time of the reading, µs since the epoch.</param>
    public void Apply(long timestamp, ReadOnlySpan<MeasuredValue> values, ExactnessRules rules)
    {
        if (_measured.Length == 0)
        {
            Begin(values);
        }

        var place = 0;
        foreach (var (measurement, value) in values)
        {
            place = PlaceOf(measurement, place);
            ref var measured = ref _measured[place++];
            if (measured.Steps is { } kept)
            {
                ApplyOnce(ref measured, kept, timestamp - id.Start, value, rules);
            }
            else
            {
                measured.Add(timestamp, value);
            }
        }
    }

    /// <summary>Takes the values of the latest reading, which was applied.</summary>
    public void TakeLatest(ReadOnlySpan<MeasuredValue> values)
    {
        foreach (ref var measured in _measured.AsSpan())
        {
            measured.Last = double.NaN;
        }

        var place = 0;
        foreach (var (measurement, value) in values)
        {
            place = PlaceOf(measurement, place);
            _measured[place++].Last = value;
        }
    }

    /// <param name="withSketches">False: those that are stored have the same values.</param>
    public readonly MeasuredStatistics[] Copy(bool withSketches)
    {
        var numbers = catalog;
        return Array.ConvertAll(
            _measured,
            of => new MeasuredStatistics(
                numbers.NameOf(of.Number), of.Statistics, of.Last, of.Steps?.Copy(), withSketches ? of.Sketch?.Copy() : null,
                of.Edges));
    }

    private void ApplyOnce(ref Measured measured, StepValues kept, long at, double value, ExactnessRules rules)
    {
        var length = id.Period.TotalMicros / kept.Steps;
        var step = (int)(at / length);
        if (double.IsNaN(kept[step]))
        {
            kept[step] = value;
            measured.Add(id.Start + (step * length), value);
        }
        else if (rules.TakesPlaceOf(value, kept[step]))
        {
            kept[step] = value;
            measured.Statistics = kept.Statistics();
            measured.Sketch = measured.Sketch is null ? null : kept.Sketch();
            measured.Edges = measured.Edges is null ? null : kept.Edges(id.Start, length);
            _replaced++;
        }
    }

    private void Begin(ReadOnlySpan<MeasuredValue> values)
    {
        _measured = new Measured[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            _measured[i] = NewMeasured(values[i].Measurement);
        }

        Array.Sort(_measured, static (a, b) => a.Number.CompareTo(b.Number));
    }

    /// <param name="guess">The place after that of the value before: readings mostly have their values in the same order.</param>
    /// <returns>The place of a measurement, which is added if it is not there.</returns>
    private int PlaceOf(int measurement, int guess)
    {
        if (guess < _measured.Length && _measured[guess].Number == measurement)
        {
            return guess;
        }

        var place = 0;
        while (place < _measured.Length && _measured[place].Number < measurement)
        {
            place++;
        }

        if (place == _measured.Length || _measured[place].Number != measurement)
        {
            _measured = [.. _measured[..place], NewMeasured(measurement), .. _measured[place..]];
        }

        return place;
    }

    private readonly Measured NewMeasured(int number) =>
        new(number, NewSteps(steps), catalog.HasSketch(number) ? new() : null);

    private static StepValues? NewSteps(int steps) => steps == 0 ? null : new(steps);

    private struct Measured(int number, StepValues? steps, QuantileSketch? sketch)
    {
        public readonly int Number = number;

        /// <summary>The values by step; null: every value counts.</summary>
        public readonly StepValues? Steps = steps;

        public RunningStatistics Statistics;

        /// <summary>All values that count; null: not kept.</summary>
        public QuantileSketch? Sketch = sketch;

        /// <inheritdoc cref="MeasuredStatistics.Edges"/>
        public EdgeValues? Edges;

        /// <summary>The value of the latest reading; NaN: it has none.</summary>
        public double Last = double.NaN;

        public void Add(long at, double value)
        {
            Edges = Statistics.Count == 0 ? EdgeValues.Of(at, value) : Edges?.Add(at, value);
            Statistics = Statistics.Add(value);
            Sketch?.Add(value);
        }
    }
}
