using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>One window in memory: a row for each measurement that has readings.</summary>
internal sealed class WindowState
{
    private readonly MeasurementSet _measurements;
    private readonly MeasurementState?[] _rows;

    /// <param name="stored">The rows of the window that the store holds.</param>
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
                // A measurement that was removed from the configuration takes no readings, but its row must become final.
                index = rows.Length;
                Array.Resize(ref rows, index + 1);
            }

            rows[index] = new(row);
        }

        _rows = rows;
    }

    /// <summary>The start of the window, inclusive, in µs since the epoch.</summary>
    public long Start { get; }

    public IEnumerable<MeasurementState> Rows => _rows.Where(row => row is not null)!;

    public MeasurementState RowOf(int measurement) => _rows[measurement] ??= new(_measurements[measurement].Name);

    /// <summary>Makes every row final, as of the next write.</summary>
    public void MakeFinal()
    {
        foreach (var row in Rows)
        {
            row.MakeFinal();
        }
    }

    /// <summary>Whether every row is final and stored, so that the window can be released.</summary>
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
