namespace GrainSensors.Benchmarks.Memory;

/// <summary>What a silo holds on to at some point.</summary>
/// <param name="Seconds">That it took to get there from the stage before.</param>
/// <param name="Managed">Bytes that a full collection has left.</param>
/// <param name="Resident">Bytes of memory that the process then occupied.</param>
internal sealed record MemoryStage(string Name, double Seconds, long Managed, long Resident);
