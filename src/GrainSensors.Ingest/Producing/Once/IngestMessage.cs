using Confluent.Kafka;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>A message that a request makes of its readings.</summary>
/// <param name="Key">Null: none.</param>
public sealed record IngestMessage(string Topic, byte[]? Key, byte[] Value, IReadOnlyList<IHeader> Headers);
