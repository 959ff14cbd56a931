using GrainSensors.Architecture.Tests.Dependencies;

namespace GrainSensors.Architecture.Tests;

/// <summary>Everything that the other tests would refuse, in one text, for those who move code.</summary>
public sealed class ReportTests
{
    /// <summary>
    /// Runs on demand: <c>dotnet run --project tests/GrainSensors.Architecture.Tests -- --explicit only</c>. Writes to the file that
    /// <c>GRAINSENSORS_TEST_REPORT</c> names, else to the output of the test.
    /// </summary>
    [Fact(Explicit = true)]
    public void Report()
    {
        string[] report =
        [
            .. Section("Circles of folders", SourceCircles.OfFolders().Select(circle => circle.Describe())),
            .. Section("Circles of files", SourceCircles.OfFiles().Select(circle => circle.Describe())),
            .. Section("Long files", SizeTests.LongFiles()),
            .. Section("Long methods", SizeTests.LongMethods()),
            .. Section("Command lines that do not parse", DocumentTests.WrongCommands()),
            .. Section("Commands in sentences that do not exist", DocumentTests.WrongMentions()),
            .. Section("Links that lead nowhere", DocumentTests.WrongLinks()),
            .. Section("Paths that do not exist", DocumentTests.WrongPaths()),
            .. Section("Long lines", SizeTests.LongLines()),
        ];
        if (Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_REPORT") is { Length: > 0 } file)
        {
            File.WriteAllLines(file, report);
        }
        else
        {
            TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, report));
        }
    }

    private static IEnumerable<string> Section(string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        return [$"## {title}: {all.Length}", "", .. all, ""];
    }
}
