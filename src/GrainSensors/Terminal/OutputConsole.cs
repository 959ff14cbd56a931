using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>The console for tables on standard output.</summary>
internal static class OutputConsole
{
    /// <summary>A redirected table must not wrap its lines.</summary>
    private const int RedirectedWidth = 400;

    public static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new());
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
