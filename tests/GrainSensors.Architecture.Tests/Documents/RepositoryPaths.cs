using System.Text.RegularExpressions;
using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests.Documents;

/// <summary>Checks that what a document points to exists.</summary>
internal static partial class RepositoryPaths
{
    /// <returns>What is wrong with the target of a link; null when it is right or leaves the repository.</returns>
    public static string? RefuseLink(MarkdownFile document, string target)
    {
        if (Scheme().IsMatch(target))
        {
            return null;
        }

        var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
        path = path.Length == 0 ? document.Path : Resolve(document, Uri.UnescapeDataString(path));
        if (!Repository.Exists(path))
        {
            return $"{target} does not exist";
        }

        return anchor.Length == 0 || !path.EndsWith(".md", StringComparison.Ordinal) || AnchorsOf(document, path).Contains(anchor)
            ? null
            : $"{target}: {path} has no heading #{anchor}";
    }

    /// <returns>The paths in a piece of code that lead nowhere, neither from the root nor from the document.</returns>
    public static IEnumerable<string> Missing(MarkdownFile document, string code) =>
        NamedPath().Matches(code).Select(match => match.Value.TrimEnd('.', '/'))
            .Where(path => !IsThere(path) && !IsThere(Resolve(document, path)));

    private static bool IsThere(string path)
    {
        var star = path.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return Repository.Exists(path);
        }

        var pattern = $"^{Regex.Escape(path).Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*")}(/|$)";
        return Repository.Files(path[..path.LastIndexOf('/', star)], "").Any(file => Regex.IsMatch(file, pattern));
    }

    private static string Resolve(MarkdownFile document, string path)
    {
        var folder = path.StartsWith('/') ? Repository.Root : Path.GetDirectoryName(Repository.FullPath(document.Path))!;
        return Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, path.TrimStart('/')))).Replace('\\', '/');
    }

    private static IReadOnlySet<string> AnchorsOf(MarkdownFile document, string path) =>
        path == document.Path ? document.Anchors : new MarkdownFile(path, Repository.Read(path)).Anchors;

    [GeneratedRegex("^([a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"(?<![\w./\-@:~$}])(?:src|tests|sql|docs|deploy|samples)/[\w./*\-]+")]
    private static partial Regex NamedPath();
}
