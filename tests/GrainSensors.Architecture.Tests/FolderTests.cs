using GrainSensors.Architecture.Tests.Dependencies;

namespace GrainSensors.Architecture.Tests;

public sealed class FolderTests
{
    [Fact]
    public void No_folders_of_a_project_form_a_circle() =>
        Offenders.AssertNone("is a circle of folders", SourceCircles.OfFolders().Select(circle => circle.Describe()));
}
