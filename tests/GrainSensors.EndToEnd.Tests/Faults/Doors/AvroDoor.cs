using Avro.IO;
using Confluent.Kafka;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>An application that produces Avro behind the id of a schema.</summary>
internal sealed class AvroDoor(string topic, int schemaId, IProducer<byte[]?, byte[]?> producer) : Door(topic, readingsOfMessage: 5)
{
    public const string Schema = """
        {"type":"record","name":"Batch","fields":[{"name":"data","type":{"type":"array","items":
            {"type":"record","name":"Reading","fields":[{"name":"probe","type":"string"},
                {"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"temp","type":"double"}]}}}]}
        """;

    public override string NameOf(int place) => $"field {place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings)
    {
        using var stream = new MemoryStream();
        stream.Write([0, 0, 0, 0, (byte)schemaId]);
        var encoder = new BinaryEncoder(stream);
        encoder.WriteLong(readings.Count);
        foreach (var reading in readings)
        {
            encoder.WriteString(NameOf(reading.Place));
            encoder.WriteLong(reading.Seconds * 1000);
            encoder.WriteDouble(reading.Value);
        }

        encoder.WriteLong(0);
        return stream.ToArray();
    }

    public override Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Select(message => producer.ProduceAsync(Topic, new() { Value = message }, cancellationToken)));
}
