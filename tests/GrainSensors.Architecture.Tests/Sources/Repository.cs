namespace GrainSensors.Architecture.Tests.Sources;

/// <summary>The files of this repository. Paths are relative to its root and use <c>/</c>.</summary>
internal static class Repository
{
    private static readonly HashSet<string> BuildFolders = ["bin", "obj", "artifacts", "data", "node_modules"];

    public static string Root { get; } = FindRoot();

    public static string FullPath(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(FullPath(path));

    public static bool Exists(string path) => Path.Exists(FullPath(path));

    /// <returns>Files whose name ends in one of <paramref name="endings"/>, without the results of a build, in a stable order.</returns>
    public static IReadOnlyList<string> Files(string folder, params IReadOnlyList<string> endings) =>
        !Directory.Exists(FullPath(folder)) ? [] :
        [.. Below(new(FullPath(folder)))
            .Where(file => endings.Any(ending => file.Name.EndsWith(ending, StringComparison.Ordinal)))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    private static IEnumerable<FileInfo> Below(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(folder.EnumerateDirectories()
            .Where(child => !BuildFolders.Contains(child.Name) && !child.Name.StartsWith('.'))
            .SelectMany(Below));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GrainSensors.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException(
                $"No folder above {AppContext.BaseDirectory} contains GrainSensors.sln.");
        }

        return folder.FullName;
    }
}
