using GrainSensors.Architecture.Tests.Dependencies;

namespace GrainSensors.Architecture.Tests;

public sealed class FileTests
{
    /// <summary>Circles that may stay, by the names of their files.</summary>
    private static readonly Dictionary<string, string> Harmless = new()
    {
        ["AccessHandler.cs, AccessPolicies.cs"] = "The policies name the handler's scheme; the handler grants the policies' roles.",
    };

    [Fact]
    public void No_files_form_a_circle() =>
        Offenders.AssertNone("is a circle of files", SourceCircles.OfFiles().Where(circle => !Harmless.ContainsKey(NamesOf(circle)))
            .Select(circle => circle.Describe()));

    [Fact]
    public void Every_harmless_circle_still_exists()
    {
        var found = SourceCircles.OfFiles().Select(NamesOf).ToHashSet();
        Offenders.AssertNone("is listed as harmless but no longer a circle", Harmless.Keys.Where(names => !found.Contains(names)));
    }

    private static string NamesOf(Circle circle) =>
        string.Join(", ", circle.Nodes.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
}
