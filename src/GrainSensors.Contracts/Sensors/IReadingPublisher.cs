namespace GrainSensors.Contracts.Sensors;

/// <summary>The port through which sensors reach the log.</summary>
public interface IReadingPublisher
{
    /// <summary>Appends one reading, keyed by its sensor.</summary>
    /// <param name="json">The reading in its contract JSON; copied before the call returns.</param>
    /// <returns>When the log has acknowledged it.</returns>
    /// <exception cref="ReadingNotPublishedException">It is not in the log.</exception>
    Task PublishAsync(int sensorId, ReadOnlySpan<byte> json);
}
