using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GrainSensors.Storage.Tests;

/// <summary>
/// This executable again, as another process, for what only another process can show. The initializer of the module
/// takes it over before any test framework starts; until it returns no other thread can enter this assembly, so
/// what it runs is synchronous.
/// </summary>
internal static class ChildProcess
{
    private const string Variable = "GRAINSENSORS_TEST_CHILD";

    public static Process Start(string role, string argument)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
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
