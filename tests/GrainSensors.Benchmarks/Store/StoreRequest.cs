namespace GrainSensors.Benchmarks.Store;

/// <summary>What is to be measured.</summary>
/// <param name="Callers">Calls under way at once.</param>
/// <param name="Rounds">How often every row is rewritten.</param>
internal sealed record StoreRequest(int Rows, int Callers, int Rounds);
