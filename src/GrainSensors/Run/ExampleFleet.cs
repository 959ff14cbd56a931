using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;
using GrainSensors.Sensors;
using GrainSensors.Storage;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Run;

/// <summary>The stations of the simulated sensors, three of which have a lasting fault if they have a past.</summary>
internal static class ExampleFleet
{
    /// <summary>The sensors that have a past.</summary>
    public const int MaxSensors = 20;

    private const string StuckRule = "stuck";

    private static readonly Dictionary<int, (LastingFaultKind Kind, TimeSpan Ago)> Faults = new()
    {
        [9] = (LastingFaultKind.Drift, TimeSpan.FromHours(14)),
        [13] = (LastingFaultKind.Stuck, TimeSpan.FromHours(5)),
        [17] = (LastingFaultKind.Silent, TimeSpan.FromHours(2)),
    };

    /// <returns>Whether the store has no window, no contact point, and no sensor that a person has registered.</returns>
    public static async Task<bool> IsNewAsync(IStore store, CancellationToken cancellationToken)
    {
        if ((await store.Contacts.Points.ReadAsync(cancellationToken)).Count > 0)
        {
            return false;
        }

        await foreach (var _ in store.QueryAsync(new(EpochTime.Min, EpochTime.Max), cancellationToken))
        {
            return false;
        }

        var examples = SensorFile.ReadExamples().ToDictionary(example => example.SensorId);
        await foreach (var entry in store.Sensors.ReadAllAsync(null, cancellationToken))
        {
            // A first start that was interrupted has left entries with faults.
            var isExample = entry.Tags.Keys.All(key => key == LastingFault.Tag)
                && examples.TryGetValue(entry.SensorId, out var example)
                && entry with { Tags = example.Tags } == example;
            if (!isExample)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Registers the stations, if the registry is empty.</summary>
    public static async Task RegisterAsync(IStore store, int sensors, CancellationToken cancellationToken)
    {
        if (await store.Sensors.CountAsync(cancellationToken) == 0)
        {
            await store.Sensors.WriteAsync([.. Stations(sensors)], cancellationToken);
        }
    }

    /// <summary>Registers the stations with their faults, and adds a rule that finds the stuck one, if there is no rule.</summary>
    /// <param name="now">µs since the epoch.</param>
    public static async Task<IReadOnlyList<RegisteredSensor>> RegisterWithFaultsAsync(
        IStore store, int sensors, long now, MeasurementSet measurements, CancellationToken cancellationToken)
    {
        var entries = Stations(sensors).Select(station => WithFault(station, now)).ToList();
        await store.Sensors.WriteAsync(entries, cancellationToken);
        if ((await store.Rules.ReadAsync(cancellationToken)).Count == 0)
        {
            var primary = JsonEncodedText.Encode(measurements[measurements.Primary].Name);
            var document =
                $$"""{"id":"{{StuckRule}}","kind":"stuck","selector":{"measurement":"{{primary}}"},"for":"30m","warm_up":"3h"}""";
            await store.Rules.WriteAsync(new(StuckRule, document, 0, now, "run"), 0, cancellationToken);
        }

        return entries;
    }

    private static IEnumerable<RegisteredSensor> Stations(int sensors) =>
        SensorFile.ReadExamples().Where(sensor => sensor.SensorId <= sensors);

    private static RegisteredSensor WithFault(RegisteredSensor station, long now) =>
        Faults.TryGetValue(station.SensorId, out var fault)
            ? station with
            {
                Tags = SensorTags.Of([new(LastingFault.Tag, new LastingFault(fault.Kind, now - EpochTime.From(fault.Ago)).ToString())]),
            }
            : station;
}
