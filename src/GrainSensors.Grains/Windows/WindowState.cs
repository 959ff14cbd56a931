using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>One window in memory: a row for each metric that has readings.</summary>
internal sealed class WindowState
{
    private readonly MeasurementSet _measurements;
    private readonly MeasurementState?[] _rows;

    /// <param name="stored">The rows of the window as the store has them.</param>
    public WindowState(long start, MeasurementSet measurements, IEnumerable<WindowRow> stored)
    {
        Start = start;
        _measurements = measurements;
        var rows = new MeasurementState?[measurements.Count];
        foreach (var row in stored)
        {
            var index = measurements.IndexOf(row.Key.Measurement);
            if (index < 0)
            {
                // A metric that is configured no more takes no readings, but its row has to become final.
                index = rows.Length;
                Array.Resize(ref rows, index + 1);
            }

            rows[index] = new(row);
        }

        _rows = rows;
    }

    /// <summary>Inclusive, µs since the epoch.</summary>
    public long Start { get; }

    public IEnumerable<MeasurementState> Rows => _rows.Where(row => row is not null)!;

    public MeasurementState RowOf(int measurement) => _rows[measurement] ??= new(_measurements[measurement].Name);

    /// <summary>Every row is final and stored, so the window need not be kept.</summary>
    public bool IsSettled
    {
        get
        {
            foreach (var row in _rows)
            {
                if (row is { IsSettled: false })
                {
                    return false;
                }
            }

            return true;
        }
    }
}
