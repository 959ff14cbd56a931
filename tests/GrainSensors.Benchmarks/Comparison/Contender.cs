namespace GrainSensors.Benchmarks.Comparison;

/// <summary>A silo that is compared with others.</summary>
/// <param name="Settings">Its own, as environment variables.</param>
/// <param name="Paths">What somebody asks it for every second meanwhile.</param>
internal sealed record Contender(string Name, IReadOnlyDictionary<string, string> Settings, params string[] Paths);
