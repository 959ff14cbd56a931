using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>The circles below src.</summary>
internal static class SourceCircles
{
    /// <summary>Circles between the folders of a project; a folder's own files and each folder below it are nodes of their own.</summary>
    public static IReadOnlyList<Circle> OfFolders() => OfFolders(ArrowReader.Source.Arrows, ProjectMap.Source);

    public static IReadOnlyList<Circle> OfFolders(IEnumerable<Arrow> arrows, ProjectMap projects) =>
        Circles.Find(arrows.Where(arrow => projects.ProjectOf(arrow.From) == projects.ProjectOf(arrow.To)), projects.FolderOf);

    public static IReadOnlyList<Circle> OfFiles() =>
        Circles.Find(ArrowReader.Source.Arrows, new PartialTypes(SourceCode.Source).FileOf);
}
