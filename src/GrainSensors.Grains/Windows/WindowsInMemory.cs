namespace GrainSensors.Grains.Windows;

/// <summary>The windows that an activation holds, sorted by start; usually one or two.</summary>
internal sealed class WindowsInMemory
{
    private readonly List<WindowState> _windows = new(1);

    public IEnumerable<WindowState> All => _windows;

    /// <exception cref="ArgumentOutOfRangeException">The window is not in memory.</exception>
    public WindowState this[long start] => _windows[Find(start)];

    public bool Holds(long start) => Find(start) >= 0;

    /// <summary>Adds a window. No window with the same start is in memory.</summary>
    public void Add(WindowState window) => _windows.Insert(~Find(window.Start), window);

    public void Clear() => _windows.Clear();

    /// <summary>Removes the windows that are final and stored.</summary>
    /// <returns>The number of removed windows.</returns>
    public int ForgetSettled() => _windows.RemoveAll(window => window.IsSettled);

    public void Forget(WindowState window) => _windows.Remove(window);

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
