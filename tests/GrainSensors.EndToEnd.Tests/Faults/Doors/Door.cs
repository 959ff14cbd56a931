namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>A way by which readings come into Kafka.</summary>
/// <param name="topic">Where they come to.</param>
/// <param name="readingsOfMessage">How many readings a message has.</param>
internal abstract class Door(string topic, int readingsOfMessage)
{
    public string Topic => topic;

    public int ReadingsOfMessage => readingsOfMessage;

    public virtual string Measurement => "temperature";

    /// <returns>The sensor with a number as the store knows it.</returns>
    public abstract string NameOf(int place);

    /// <returns>A message as Kafka gets it.</returns>
    public abstract byte[] Write(IReadOnlyList<SentReading> readings);

    /// <summary>Sends messages until each of them is acknowledged, some of them more than once.</summary>
    public abstract Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken);
}
