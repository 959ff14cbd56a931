using GrainSensors.Benchmarks.Ingest;

namespace GrainSensors.Benchmarks.Comparison;

/// <summary>What one contender made of the log.</summary>
/// <param name="Answers">That it gave meanwhile.</param>
internal sealed record ComparisonRound(int Round, string Contender, IngestRound Result, int Answers);
