namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>A line on standard error that says what goes on, where a terminal is attached.</summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly bool IsShown = !Console.IsErrorRedirected;

    private long _shown;

    /// <summary>Shown at once where it is something new, and else now and then.</summary>
    public void Say(FormattableString text, bool isNews = false)
    {
        if (IsShown && (isNews || _shown == 0 || TimeProvider.System.GetElapsedTime(_shown) > Interval))
        {
            _shown = TimeProvider.System.GetTimestamp();

            // Back to the beginning, and away with what was there.
            Console.Error.Write($"\r\e[K{FormattableString.Invariant(text)}");
        }
    }

    public void Clear()
    {
        if (_shown != 0)
        {
            Console.Error.Write("\r\e[K");
            _shown = 0;
        }
    }

    public void Dispose() => Clear();
}
