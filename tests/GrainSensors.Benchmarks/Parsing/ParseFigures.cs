namespace GrainSensors.Benchmarks.Parsing;

/// <param name="Nanoseconds">For a reading.</param>
/// <param name="Share">Of the speed of the contract's parser.</param>
/// <param name="Allocated">Bytes for a reading.</param>
internal sealed record ParseFigures(string Name, double Nanoseconds, double Share, double Allocated);
