namespace GrainSensors.Tests.Shared;

/// <summary>The files of this repository, by their path from its root.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = Find();

    public static string PathOf(string path) => Path.GetFullPath(Path.Combine(Root, path));

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    public static bool Exists(string path) => Path.Exists(PathOf(path));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GrainSensors.sln")))
        {
            folder = folder.Parent
                ?? throw new DirectoryNotFoundException($"There is no GrainSensors.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
