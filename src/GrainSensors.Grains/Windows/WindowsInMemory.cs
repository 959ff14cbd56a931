namespace GrainSensors.Grains.Windows;

/// <summary>The windows that an activation holds, sorted by start; usually one or two.</summary>
internal sealed class WindowsInMemory
{
    private readonly List<WindowState> _windows = new(1);

    public IEnumerable<WindowState> All => _windows;

    /// <summary>The rows of all windows.</summary>
    public IEnumerable<MeasurementState> Rows => _windows.SelectMany(window => window.Rows);

    /// <exception cref="ArgumentOutOfRangeException">The window is not in memory.</exception>
    public WindowState this[long start] => _windows[Find(start)];

    public bool Holds(long start) => Find(start) >= 0;

    /// <summary>Adds a window, unless a window with the same start is in memory.</summary>
    /// <returns>Whether the window was added.</returns>
    public bool TryAdd(long start, Func<WindowState> window)
    {
        var at = Find(start);
        if (at >= 0)
        {
            return false;
        }

        _windows.Insert(~at, window());
        return true;
    }

    public void Clear() => _windows.Clear();

    /// <summary>Removes the windows whose rows are all final and stored.</summary>
    public void ForgetSettled() => _windows.RemoveAll(window => window.IsSettled);

    public void ForgetWindowOf(MeasurementState row) => _windows.RemoveAll(window => window.Rows.Contains(row));

    /// <returns>The index of the window, or the complement of the index at which it belongs.</returns>
    private int Find(long start)
    {
        var (low, high) = (0, _windows.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _windows[middle].Start;
            if (found == start)
            {
                return middle;
            }

            (low, high) = found < start ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
