namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>
/// What goes on, on standard error: a line that is drawn again where a terminal is attached, and else a line for what is new
/// and now and then one for how far it is.
/// </summary>
internal sealed class Progress : IDisposable
{
    private static readonly bool IsTerminal = !Console.IsErrorRedirected;
    private static readonly TimeSpan Interval = IsTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);

    private long _shown;
    private bool _isDrawn;

    /// <summary>Shown at once where it is something new, and else now and then.</summary>
    public void Say(FormattableString text, bool isNews = false)
    {
        if (!isNews && _shown != 0 && TimeProvider.System.GetElapsedTime(_shown) <= Interval)
        {
            return;
        }

        _shown = TimeProvider.System.GetTimestamp();
        _isDrawn = IsTerminal;

        // Back to the beginning, and away with what was there.
        Console.Error.Write(IsTerminal ? $"\r\e[K{FormattableString.Invariant(text)}" : $"{FormattableString.Invariant(text)}\n");
    }

    /// <summary>Makes way for something else.</summary>
    public void Clear()
    {
        if (_isDrawn)
        {
            Console.Error.Write("\r\e[K");
            _isDrawn = false;
        }
    }

    public void Dispose() => Clear();
}
