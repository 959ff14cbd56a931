using Orleans.CodeGeneration;

namespace GrainSensors.Contracts.Sensors;

/// <summary>One sensor, real or simulated. The key is the sensor id, 0…2³¹−1.</summary>
[Alias("GrainSensors.ISensorGrain"), Version(1)]
public interface ISensorGrain : IGrainWithIntegerKey
{
    /// <summary>Starts to produce one simulated reading per second, or keeps on.</summary>
    [Alias("StartSimulation")]
    Task StartSimulation();

    [Alias("StopSimulation")]
    Task StopSimulation();

    /// <summary>Produces the reading of a real device.</summary>
    /// <returns>A task that completes when Kafka has acknowledged the reading.</returns>
    /// <exception cref="ArgumentException">The report is invalid; the message names the member and the valid values.</exception>
    /// <exception cref="ReadingNotPublishedException">The reading is not in Kafka.</exception>
    [Alias("Report")]
    Task Report(SensorReport report);
}

/// <summary>A reading as a device reports it.</summary>
/// <param name="Timestamp">The event time.</param>
/// <param name="Values">The values by the name of the measurement; null for a disconnected probe.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.SensorReport")]
public sealed record SensorReport(
    [property: Id(0)] DateTimeOffset Timestamp,
    [property: Id(1)] IReadOnlyDictionary<string, double?> Values);
