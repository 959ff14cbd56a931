using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GrainSensors.Storage.Tests;

/// <summary>
/// Starts this executable again as a second process. The module initializer takes over before the test framework starts. Until
/// it returns, no other thread can enter this assembly, so its work is synchronous.
/// </summary>
internal static class ChildProcess
{
    private const string Variable = "GRAINSENSORS_TEST_CHILD";

    public static Process Start(string role, string argument, string? directory = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            WorkingDirectory = directory ?? "",
            Environment = { [Variable] = $"{role} {argument}" },
        };
        return Process.Start(start)!;
    }

#pragma warning disable CA2255 // An executable may have a module initializer; the rule is about libraries.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(' ', 2) is [var role, var argument])
        {
            Environment.SetEnvironmentVariable(Variable, null);
            SqliteChild.Run(role, argument);
            Environment.Exit(0);
        }
    }
}
