using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>Shows the live table on the terminal's alternate screen, which leaves the normal screen unchanged.</summary>
internal static class LiveView
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>Interval of checks for a new terminal size.</summary>
    private static readonly TimeSpan ResizeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether standard output is a terminal with an alternate screen.</summary>
    public static bool IsPossible => !Console.IsOutputRedirected
        && AnsiConsole.Console.Profile.Capabilities is { Ansi: true, AlternateBuffer: true };

    /// <summary>Shows the table until the process is asked to stop.</summary>
    /// <param name="look">Takes a snapshot for a screen of a given height.</param>
    public static Task ShowAsync(Func<int, LiveSnapshot> look, TimeProvider clock, CancellationToken stopping)
    {
        SwallowKeys();
        var console = AnsiConsole.Console;
        return Task.Factory.StartNew(
            () => console.AlternateScreen(() => ShowAsync(console, look, clock, stopping).GetAwaiter().GetResult()),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private static async Task ShowAsync(IAnsiConsole console, Func<int, LiveSnapshot> look, TimeProvider clock, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // A live display keeps its largest extent, so a new size needs a new display. The control code erases the screen
            // but not the scroll-back buffer.
            var (width, height) = SizeOf(console);
            console.Write(new ControlCode("\e[2J\e[H"));
            await console.Live(new ScreenLines()).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
            {
                while (!stopping.IsCancellationRequested && SizeOf(console) == (width, height))
                {
                    // The last row stays empty, because a line break there would scroll the screen.
                    context.UpdateTarget(LiveTable.Draw(look(height), width, height - 1));
                    await PauseAsync(() => SizeOf(console) != (width, height), clock, stopping);
                }
            });
        }
    }

    private static (int Width, int Height) SizeOf(IAnsiConsole console) =>
        (Math.Max(1, console.Profile.Width), Math.Max(1, console.Profile.Height));

    private static async Task PauseAsync(Func<bool> isOver, TimeProvider clock, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < RefreshInterval && !isOver() && !stopping.IsCancellationRequested)
        {
            await Task.Delay(ResizeInterval, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads and ignores keys, which the terminal would echo into the table. Ctrl-C stays a signal.</summary>
    private static void SwallowKeys()
    {
        if (Console.IsInputRedirected)
        {
            return;
        }

        new Thread(static () =>
        {
            try
            {
                while (true)
                {
                    Console.ReadKey(intercept: true);
                }
            }
            catch (InvalidOperationException)
            {
                // Standard input was closed.
            }
        })
        { IsBackground = true, Name = "keys" }.Start();
    }
}
