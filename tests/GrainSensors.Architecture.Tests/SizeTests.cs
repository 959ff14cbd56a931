using System.Text.RegularExpressions;
using GrainSensors.Architecture.Tests.Sizes;
using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests;

public sealed partial class SizeTests
{
    private const int MaxFileLines = 300;
    private const int MaxMethodLines = 50;
    private const int MaxLineLength = 140;

    /// <summary>Each declares the options of a command, one after the other; pieces would not be easier to read.</summary>
    private static readonly HashSet<string> Declarations =
        ["ProduceCommand.Create", "ReconcileCommand.Create", "ReplayCommand.Create", "ReportCommand.Create", "SiloCommand.Create"];

    [Fact]
    public void No_file_is_long() => Offenders.AssertNone($"has more than {MaxFileLines} lines", LongFiles());

    [Fact]
    public void No_method_is_long() => Offenders.AssertNone($"has more than {MaxMethodLines} lines", LongMethods());

    [Fact]
    public void No_line_is_long() => Offenders.AssertNone($"has more than {MaxLineLength} characters", LongLines());

    [Fact]
    public void Every_exempt_method_is_still_long()
    {
        var @long = MethodLength.InSource().Where(method => method.Lines > MaxMethodLines).Select(method => method.Name).ToHashSet();
        Offenders.AssertNone("is listed as long but no longer so", Declarations.Where(name => !@long.Contains(name)));
    }

    internal static IEnumerable<string> LongFiles() =>
        from file in Repository.Files("src", ".cs", ".razor")
        let lines = LinesOf(file).Length
        where lines > MaxFileLines
        orderby lines descending
        select $"{file}: {lines}";

    internal static IEnumerable<string> LongMethods() =>
        from method in MethodLength.InSource()
        where method.Lines > MaxMethodLines && !Declarations.Contains(method.Name)
        orderby method.Lines descending
        select $"{method.File}: {method.Name}: {method.Lines}";

    /// <summary>An address cannot be broken; a line that is short without it may be longer.</summary>
    internal static IEnumerable<string> LongLines() =>
        from file in Repository.Files("src", ".cs", ".razor").Concat(Repository.Files("tests", ".cs", ".razor"))
        from line in LinesOf(file).Index()
        where line.Item.Length > MaxLineLength && Url().Replace(line.Item, "").Length > MaxLineLength
        select $"{file}:{line.Index + 1}: {line.Item.Length}";

    private static string[] LinesOf(string file) => [.. File.ReadLines(Repository.FullPath(file))];

    [GeneratedRegex(@"https?://[^\s""<>)]+")]
    private static partial Regex Url();
}
