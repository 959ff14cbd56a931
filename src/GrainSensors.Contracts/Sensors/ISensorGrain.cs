namespace GrainSensors.Contracts.Sensors;

/// <summary>One sensor, real or simulated. Key: the sensor id, 0…2³¹−1.</summary>
[Alias("GrainSensors.ISensorGrain")]
public interface ISensorGrain : IGrainWithIntegerKey
{
    /// <summary>Begins, or goes on, to produce one simulated reading a second.</summary>
    [Alias("StartSimulation")]
    Task StartSimulation();

    [Alias("StopSimulation")]
    Task StopSimulation();

    /// <summary>Takes the reading of a real device and produces it.</summary>
    /// <returns>When Kafka has acknowledged it.</returns>
    /// <exception cref="ArgumentException">The reading is not one: it names the member and what is wrong with it.</exception>
    /// <exception cref="ReadingNotPublishedException">Kafka did not take it; it is not in the log.</exception>
    [Alias("Report")]
    Task Report(SensorReport report);
}

/// <summary>A reading as a device reports it.</summary>
/// <param name="Timestamp">Event time.</param>
/// <param name="Values">By the name of the measurement; null is a disconnected probe.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.SensorReport")]
public sealed record SensorReport(
    [property: Id(0)] DateTimeOffset Timestamp,
    [property: Id(1)] IReadOnlyDictionary<string, double?> Values);
