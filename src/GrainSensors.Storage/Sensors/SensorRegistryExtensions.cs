using System.Runtime.CompilerServices;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Sensors;

public static class SensorRegistryExtensions
{
    /// <summary>Reads the registry page by page.</summary>
    /// <param name="tags">Sensors have all of these tags; null: all sensors.</param>
    public static async IAsyncEnumerable<RegisteredSensor> ReadAllAsync(
        this ISensorRegistry registry, SensorTags? tags, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RegistryQuery { Tags = tags ?? SensorTags.None };
        while (await registry.ReadAsync(query, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var sensor in page)
            {
                yield return sensor;
            }

            query = query with { After = page[^1].Sensor };
        }
    }

    public static async Task<RegisteredSensor?> FindAsync(
        this ISensorRegistry registry, int sensorId, CancellationToken cancellationToken) =>
        (await registry.FindAsync([sensorId], cancellationToken)).SingleOrDefault();
}
