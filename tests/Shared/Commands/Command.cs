using System.Reflection;

namespace GrainSensors.Tests.Shared;

/// <summary>
/// The executable's entry point, called in this process: parsing, messages and exit codes are those of
/// <see cref="Executable"/>, without the second of CPU time that the start of a process takes. Signals, bytes on standard
/// output, environment variables and the working directory belong to a process; tests of those start one.
/// </summary>
internal static class Command
{
    private static readonly Func<string[], int> Main = Assembly.Load("grainsensors").EntryPoint!.CreateDelegate<Func<string[], int>>();

    /// <returns>What it printed and how it ended.</returns>
    public static Task<Executable.Result> RunAsync(params string[] arguments) => Task.Factory.StartNew(
        () =>
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            using (ConsoleCapture.Begin(output, error))
            {
                var exitCode = Main(arguments);
                return new Executable.Result(exitCode, output.ToString().TrimEnd('\n'), error.ToString());
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning, // The entry point blocks its thread until the command has ended.
        TaskScheduler.Default);
}
