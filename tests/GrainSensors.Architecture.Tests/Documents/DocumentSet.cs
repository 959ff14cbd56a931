using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests.Documents;

/// <summary>The documents of this repository.</summary>
internal static class DocumentSet
{
    private static readonly string[] Folders = ["docs", "deploy", "samples", "src", "tests"];

    public static IReadOnlyList<MarkdownFile> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)
            .Concat(Folders.SelectMany(folder => Repository.Files(folder, ".md")))
            .Select(path => new MarkdownFile(path, Repository.Read(path))),
    ];
}
