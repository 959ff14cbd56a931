namespace GrainSensors.Contracts.Sensors;

/// <summary>The port through which sensors produce readings to Kafka.</summary>
public interface IReadingPublisher
{
    /// <summary>Produces one reading, keyed by its sensor.</summary>
    /// <param name="json">The reading as contract JSON; it is copied before the call returns.</param>
    /// <returns>A task that completes when Kafka has acknowledged the reading.</returns>
    /// <exception cref="ReadingNotPublishedException">The reading is not in Kafka.</exception>
    Task PublishAsync(int sensorId, ReadOnlySpan<byte> json);
}
