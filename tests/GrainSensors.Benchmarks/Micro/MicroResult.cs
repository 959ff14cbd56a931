namespace GrainSensors.Benchmarks.Micro;

/// <summary>What a step costs.</summary>
/// <param name="Error">Of the mean, its standard error.</param>
/// <param name="Bytes">That are allocated.</param>
internal sealed record MicroResult(string Step, string Parameters, double Nanoseconds, double Error, long Bytes);
