namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>A column of a <see cref="ResultTable{T}"/>: a name in the first one, numbers in the others.</summary>
internal sealed record Column<T>(string Head, int Width, Func<T, string> Cell);
