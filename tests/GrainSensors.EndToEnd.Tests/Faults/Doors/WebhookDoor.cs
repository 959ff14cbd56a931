namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>A network server that pushes payloads of a source over HTTP.</summary>
internal sealed class WebhookDoor(string topic, string source, Func<IReadOnlyList<string>> pages)
    : HttpDoor(topic, readingsOfMessage: 5, $"/api/v1/ingest/{source}", pages)
{
    public override string NameOf(int place) => $"hook-{place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings) => GatewayMessage.Write(NameOf, readings);
}
