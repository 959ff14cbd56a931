using System.Text;

namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>Folders or files that all use each other, directly or through others of the circle.</summary>
/// <param name="Nodes">The members by name.</param>
/// <param name="Links">All links inside of the circle.</param>
internal sealed record Circle(IReadOnlyList<string> Nodes, IReadOnlyList<Link> Links)
{
    /// <summary>The links with their files and symbols; first those whose removal opens the circle with the least work.</summary>
    public string Describe()
    {
        var text = new StringBuilder().AppendLine($"Circle of {Nodes.Count}: {string.Join(", ", Nodes)}");
        var cuts = LightestCut.Of(this);
        text.AppendLine($"  {cuts.Count} of {Links.Count} links, whose removal opens the circle with the fewest changes:");
        foreach (var link in cuts)
        {
            Append(text, link);
        }

        text.AppendLine("  The other links:");
        foreach (var link in Links.Except(cuts))
        {
            Append(text, link);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Link link)
    {
        text.AppendLine($"    {link.From} -> {link.To}");
        foreach (var pair in link.Arrows.GroupBy(arrow => (arrow.From, arrow.To)))
        {
            text.AppendLine($"      {pair.Key.From} -> {pair.Key.To}: {string.Join(", ", pair.Select(arrow => arrow.Symbol))}");
        }
    }
}
