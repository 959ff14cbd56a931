using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>Shows the live table on the terminal's second screen, so that the first one is as it was when it ends.</summary>
internal static class LiveView
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>How soon a terminal that has changed its size is drawn anew.</summary>
    private static readonly TimeSpan ResizeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Standard output is a terminal that can be drawn on.</summary>
    public static bool IsPossible => !Console.IsOutputRedirected
        && AnsiConsole.Console.Profile.Capabilities is { Ansi: true, AlternateBuffer: true };

    /// <param name="look">Takes a snapshot for a screen of a height.</param>
    /// <returns>When the process is asked to stop.</returns>
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
            // A live display remembers the largest extent that it had, so another size gets another one. Only the screen is
            // erased, not what can be scrolled back to.
            var (width, height) = SizeOf(console);
            console.Write(new ControlCode("\e[2J\e[H"));
            await console.Live(new ScreenLines()).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
            {
                while (!stopping.IsCancellationRequested && SizeOf(console) == (width, height))
                {
                    // The last row stays empty: a line break there would scroll.
                    context.UpdateTarget(LiveTable.Draw(look(height), width, height - 1));
                    await PauseAsync(() => SizeOf(console) != (width, height), clock, stopping);
                }
            });
        }
    }

    private static (int Width, int Height) SizeOf(IAnsiConsole console) => (Math.Max(1, console.Profile.Width), Math.Max(1, console.Profile.Height));

    private static async Task PauseAsync(Func<bool> isOver, TimeProvider clock, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < RefreshInterval && !isOver() && !stopping.IsCancellationRequested)
        {
            await Task.Delay(ResizeInterval, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Keys that are typed would be echoed into the table; while somebody reads them they are not. Ctrl-C stays a signal.</summary>
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
                // There is no keyboard any more.
            }
        })
        { IsBackground = true, Name = "keys" }.Start();
    }
}
