using System.Text;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>Readings of the contract over HTTP. All readings of a request are messages of their own.</summary>
internal sealed class ReadingsDoor(string topic, Func<IReadOnlyList<string>> pages)
    : HttpDoor(topic, readingsOfMessage: 1, "/api/v1/readings", pages)
{
    public override string NameOf(int place) => $"{place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings) => ContractDoor.Contract(readings[0]);

    public override Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken) =>
        PostAsync(Encoding.UTF8.GetBytes($"[{string.Join(',', messages.Select(Encoding.UTF8.GetString))}]"), cancellationToken);
}
