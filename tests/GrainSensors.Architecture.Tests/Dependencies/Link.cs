namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>All arrows from one folder or file to another.</summary>
internal sealed record Link(string From, string To, IReadOnlyList<Arrow> Arrows)
{
    /// <summary>Pairs of files.</summary>
    public int Weight => Arrows.DistinctBy(arrow => (arrow.From, arrow.To)).Count();
}
