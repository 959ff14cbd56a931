using System.Diagnostics;
using System.Text;

namespace GrainSensors.EndToEnd.Tests.Terminal;

/// <summary><c>run</c> in a pseudo terminal.</summary>
[Trait("Category", "System")]
public sealed class RunTerminalTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task A_terminal_shows_the_table_and_Ctrl_C_leaves_a_clean_screen()
    {
        var command = $"exec dotnet '{Executable.Assembly}' run --period P1D";
        var start = new ProcessStartInfo("script", ["-qec", $"stty rows 30 cols 120; {command}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.Path,
            Environment = { ["TERM"] = "xterm-256color" },
        };
        using var terminal = Process.Start(start)!;
        var screen = new StringBuilder();
        var reading = ReadAsync(terminal.StandardOutput, screen);
        try
        {
            await Until.Async(() => Occurrences(screen, "ok\e[0m") >= 40, () => Seen(screen), Patience);
            await terminal.StandardInput.WriteAsync("\u0003");
            await terminal.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await Until.Async(() => terminal.HasExited, () => Seen(screen), Patience);
            await reading;
        }
        finally
        {
            if (!terminal.HasExited)
            {
                terminal.Kill(entireProcessTree: true);
            }
        }

        Assert.True(terminal.ExitCode == 0, $"exit code {terminal.ExitCode}\n{Seen(screen)}");
        var all = Seen(screen);
        const string Titles = "sensor  temperature  humidity   age       window   count     mean      min      max  state";
        Assert.Contains(Titles, all, StringComparison.Ordinal);

        // The alternate screen was opened and closed, the cursor is visible, and the last line is on the normal screen.
        var (opened, closed) = (all.IndexOf("\e[?1049h", StringComparison.Ordinal), all.LastIndexOf("\e[?1049l", StringComparison.Ordinal));
        Assert.True(opened >= 0 && closed > opened, all);
        Assert.True(all.LastIndexOf("\e[?25h", StringComparison.Ordinal) > all.LastIndexOf("\e[?25l", StringComparison.Ordinal), all);
        Assert.Contains("Stopped. All readings are in the store.", all[closed..], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task ReadAsync(StreamReader output, StringBuilder screen)
    {
        var buffer = new char[4096];
        while (await output.ReadAsync(buffer) is > 0 and var count)
        {
            lock (screen)
            {
                screen.Append(buffer, 0, count);
            }
        }
    }

    private static string Seen(StringBuilder screen)
    {
        lock (screen)
        {
            return screen.ToString();
        }
    }

    private static int Occurrences(StringBuilder screen, string text) => Seen(screen).Split(text).Length - 1;
}
