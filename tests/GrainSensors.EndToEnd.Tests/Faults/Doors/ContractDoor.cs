using System.Text;
using GrainSensors.Ingest.Producing;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>An old application, which produces readings of the contract without keys.</summary>
internal sealed class ContractDoor(string topic, ReadingProducer producer) : Door(topic, readingsOfMessage: 1)
{
    public override string NameOf(int place) => $"{place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings) => Contract(readings[0]);

    /// <returns>The JSON of the contract.</returns>
    public static byte[] Contract(SentReading reading) => Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $$"""{"sensor_id":{{reading.Place}},"timestamp":{{reading.Seconds}},"temperature":{{reading.Value}}}"""));

    public override async Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            await producer.AppendAsync(null, message, cancellationToken);
        }

        await producer.FlushAsync(cancellationToken);
        Assert.True(producer.Failed == 0, $"{producer.Failed} readings are not in the log: {producer.Failure}");
    }
}
