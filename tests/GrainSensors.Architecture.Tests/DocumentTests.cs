using GrainSensors.Architecture.Tests.Documents;
using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests;

/// <summary>What the documents say can be typed, opened and found.</summary>
public sealed class DocumentTests
{
    private const int MaxReadmeLines = 150;

    /// <summary>Names files as they were.</summary>
    private const string History = "CHANGELOG.md";

    [Fact]
    public void Every_command_line_in_a_code_block_parses() => Offenders.AssertNone("is refused by the command line", WrongCommands());

    [Fact]
    public void Every_example_in_the_help_parses() => Offenders.AssertNone("is refused by the command line", WrongExamples());

    [Fact]
    public void Every_command_in_a_sentence_exists() => Offenders.AssertNone("is refused by the command line", WrongMentions());

    [Fact]
    public void Every_relative_link_leads_somewhere() => Offenders.AssertNone("leads nowhere", WrongLinks());

    [Fact]
    public void Every_path_in_backticks_exists() => Offenders.AssertNone("does not exist", WrongPaths());

    [Fact]
    public void The_README_is_short() =>
        Assert.InRange(Repository.Read("README.md").TrimEnd('\n').Split('\n').Length, 1, MaxReadmeLines);

    internal static IEnumerable<string> WrongCommands() =>
        from document in DocumentSet.All
        from line in document.CodeLines
        from call in ExecutableCall.In(line.Text)
        let error = ExecutableCall.Refuse(call)
        where error is not null
        select $"{document.Path}:{line.Number}: {line.Text.Trim()}: {error}";

    internal static IEnumerable<string> WrongExamples() =>
        from help in ExecutableCall.HelpLines()
        from call in ExecutableCall.In(help.Line)
        let error = ExecutableCall.Refuse(call)
        where error is not null
        select $"{help.Command}: {help.Line.Trim()}: {error}";

    internal static IEnumerable<string> WrongMentions() =>
        from document in DocumentSet.All
        from span in document.CodeSpans
        let error = ExecutableCall.RefuseMention(span.Text)
        where error is not null
        select $"{document.Path}:{span.Number}: {span.Text}: {error}";

    internal static IEnumerable<string> WrongLinks() =>
        from document in DocumentSet.All
        from link in document.Links
        let error = RepositoryPaths.RefuseLink(document, link.Text)
        where error is not null
        select $"{document.Path}:{link.Number}: {error}";

    internal static IEnumerable<string> WrongPaths() =>
        from document in DocumentSet.All
        where document.Path != History
        from code in document.CodeSpans.Concat(document.CodeLines)
        from path in RepositoryPaths.Missing(document, code.Text)
        select $"{document.Path}:{code.Number}: {path}";
}
