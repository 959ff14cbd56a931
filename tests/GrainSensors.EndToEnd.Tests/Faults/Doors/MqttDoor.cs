using System.Text;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>Gateways that publish with quality of service 1.</summary>
internal sealed class MqttDoor(string topic, Mosquitto mosquitto) : Door(topic, readingsOfMessage: 5)
{
    public const string Filter = "gateways/+/data";

    private const int Gateways = 12;
    private int _next;

    public override string NameOf(int place) => $"Küche {place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings) => GatewayMessage.Write(NameOf, readings);

    public override Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken) =>
        mosquitto.PublishAllAsync($"gateways/{_next++ % Gateways}/data", messages.Select(Encoding.UTF8.GetString));
}
