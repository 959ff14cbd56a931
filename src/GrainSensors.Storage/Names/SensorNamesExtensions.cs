using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Names;

/// <summary>Numbers and names of sensors, of which most have neither.</summary>
public static class SensorNamesExtensions
{
    /// <param name="sensors">Sensors as <see cref="SensorRef.Parse"/> reads them.</param>
    /// <returns>The same with their numbers; <see cref="SensorName.NoNumber"/> for a name that has none.</returns>
    public static async ValueTask<IReadOnlyList<SensorRef>> WithNumbersAsync(
        this ISensorNames names, IReadOnlyList<SensorRef> sensors, CancellationToken cancellationToken)
    {
        string[] named = [.. sensors.Select(sensor => sensor.Name).OfType<string>().Distinct()];
        if (named.Length == 0)
        {
            return sensors;
        }

        var numbers = named.Zip(await names.FindAsync(named, cancellationToken)).ToDictionary();
        return [.. sensors.Select(sensor => sensor.Name is { } name ? sensor with { Id = numbers[name] } : sensor)];
    }

    /// <summary>The sensor for a log event, which waits for no store.</summary>
    /// <param name="names">Null: sensors have ids only.</param>
    /// <returns>The sensor, <see cref="SensorRef.Unnamed"/> if memory does not have its name.</returns>
    public static SensorRef InMemory(this ISensorNames? names, int sensorId) =>
        !SensorName.IsNumber(sensorId) ? new(sensorId, null)
        : names is not null && names.TryFind(sensorId, out var name) ? new(sensorId, name)
        : new(sensorId, SensorRef.Unnamed);

    /// <param name="sensorIds">Ids and numbers.</param>
    /// <returns>The names of the numbers among them; see <see cref="SensorRef.Of"/>.</returns>
    public static async ValueTask<IReadOnlyDictionary<int, string?>> NamesAmongAsync(
        this ISensorNames names, IEnumerable<int> sensorIds, CancellationToken cancellationToken)
    {
        int[] numbers = [.. sensorIds.Where(SensorName.IsNumber).Distinct()];
        return numbers.Length == 0
            ? new Dictionary<int, string?>()
            : numbers.Zip(await names.NamesOfAsync(numbers, cancellationToken)).ToDictionary();
    }
}
