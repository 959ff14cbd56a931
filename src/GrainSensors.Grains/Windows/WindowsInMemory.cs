namespace GrainSensors.Grains.Windows;

/// <summary>The windows that an activation holds, sorted by start; usually one or two.</summary>
internal sealed class WindowsInMemory
{
    private readonly List<WindowState> _windows = new(1);

    public IEnumerable<WindowState> All => _windows;

    /// <summary>Every metric of every window.</summary>
    public IEnumerable<MeasurementState> Rows => _windows.SelectMany(window => window.Rows);

    /// <exception cref="ArgumentOutOfRangeException">It is not in memory.</exception>
    public WindowState this[long start] => _windows[Find(start)];

    public bool Holds(long start) => Find(start) >= 0;

    /// <summary>Adds the window, unless one with its start is there already.</summary>
    /// <returns>Whether it was added.</returns>
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

    /// <summary>Final and stored windows need not be kept.</summary>
    public void ForgetSettled() => _windows.RemoveAll(window => window.IsSettled);

    public void ForgetWindowOf(MeasurementState row) => _windows.RemoveAll(window => window.Rows.Contains(row));

    /// <returns>The index of the window, or the complement of where it belongs.</returns>
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
