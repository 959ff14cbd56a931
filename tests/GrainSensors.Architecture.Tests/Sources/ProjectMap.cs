namespace GrainSensors.Architecture.Tests.Sources;

/// <summary>Assigns each file to the project whose folder contains it: the nearest one above.</summary>
internal sealed class ProjectMap
{
    private readonly string[] _folders;

    /// <param name="projectFiles">Paths of the .csproj files.</param>
    public ProjectMap(IEnumerable<string> projectFiles) =>
        _folders = [.. projectFiles.Select(file => file[..file.LastIndexOf('/')]).OrderByDescending(folder => folder.Length)];

    public static ProjectMap Source { get; } = new(Repository.Files("src", ".csproj"));

    /// <returns>The project's name, which is the name of its folder.</returns>
    public string ProjectOf(string file)
    {
        var folder = ProjectFolder(file);
        return folder[(folder.LastIndexOf('/') + 1)..];
    }

    /// <returns>The project and the folders below it: <c>GrainSensors.Core/Windows</c>; the project alone for its own files.</returns>
    public string FolderOf(string file)
    {
        var project = ProjectFolder(file);
        var above = project.LastIndexOf('/') + 1;
        return file[above..file.LastIndexOf('/')];
    }

    private string ProjectFolder(string file) =>
        Array.Find(_folders, folder => file.StartsWith(folder + "/", StringComparison.Ordinal))
        ?? throw new InvalidOperationException($"No project contains {file}.");
}
