namespace GrainSensors.Tests.Shared;

/// <summary>
/// What tests have measured, for people. A test runner shows the output of tests that fail; the file that
/// <c>GRAINSENSORS_TEST_FIGURES</c> names has all of it, and tests/run.sh prints that.
/// </summary>
internal static class Figures
{
    private static readonly Lock Gate = new();
    private static readonly string? File = Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_FIGURES");

    public static void Print(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (File is not null)
        {
            lock (Gate)
            {
                System.IO.File.AppendAllText(File, line + Environment.NewLine);
            }
        }
    }
}
