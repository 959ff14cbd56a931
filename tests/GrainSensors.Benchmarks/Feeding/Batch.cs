namespace GrainSensors.Benchmarks.Feeding;

/// <summary>Messages of one partition as they go over the wire.</summary>
internal readonly record struct Batch(int Partition, int Count, ReadOnlyMemory<byte> Bytes);
