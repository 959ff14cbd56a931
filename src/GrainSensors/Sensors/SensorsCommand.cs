using System.CommandLine;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Terminal;

namespace GrainSensors.Sensors;

/// <summary><c>sensors</c>: the registry, and dismissed sensors.</summary>
internal static class SensorsCommand
{
    public static Command Create() => new(
        "sensors",
        """
        Manage the sensor registry

        A registered sensor that never reports raises an alert.

          grainsensors sensors list --tag room=kitchen
          grainsensors sensors show kitchen-1
          grainsensors sensors set kitchen-1 --name "Kitchen" --tag room=kitchen
          grainsensors sensors import sensors.csv
          grainsensors sensors import --example
          grainsensors sensors export --output sensors.csv
          grainsensors sensors remove 7
          grainsensors sensors forget 99 kitchen-2
        """)
    {
        ReadSensors.List(), ReadSensors.Show(), SetSensors.Create(), TransferSensors.Import(), TransferSensors.Export(), Remove(), Forget(),
    };

    private static Command Remove()
    {
        var store = RegistryStore.Option();
        var arguments = CommonOptions.SensorArguments();
        var command = new Command(
            "remove",
            """
            Unregister sensors

            The command removes all of the sensors, or none if one of them is not registered. Their alerts are cleared. A
            removed sensor that still reports is watched like any unregistered sensor.
            """)
        {
            arguments, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = RegistryStore.Settings(result.GetValue(store));
            await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            var sensors = await FindAsync(database, result.GetRequiredValue(arguments), cancellationToken);
            var missing = await ChangeAsync(sensors, ids => database.Sensors.RemoveAsync(ids, cancellationToken));
            if (missing.Count > 0)
            {
                throw new UsageException(
                    $"{Which(missing)} not registered; nothing was removed from {database.Description}. "
                    + "See `grainsensors sensors list`.");
            }

            await database.RecordAsync(AuditActions.SensorRemove, Listed(sensors), cancellationToken: cancellationToken);
            Console.WriteLine($"Removed {Plural.Of(sensors.Count, "sensor")} from {database.Description}.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Forget()
    {
        var store = RegistryStore.Option();
        var arguments = CommonOptions.SensorArguments();
        var command = new Command(
            "forget",
            """
            Dismiss sensors that no longer exist

            The command dismisses all of the sensors, or none if one of them is unknown. It unregisters them and clears
            their alerts; running silos drop them from the fleet within seconds. Their windows stay. Only a reading with
            a later event time brings a sensor back. While `run` uses a SQLite store, send
            DELETE /api/v1/sensors/SENSOR to its API instead.
            """)
        {
            arguments, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = RegistryStore.Settings(result.GetValue(store));
            await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            await database.PrepareAsync(cancellationToken);
            var sensors = await FindAsync(database, result.GetRequiredValue(arguments), cancellationToken);
            var unknown = await ChangeAsync(sensors, ids => database.Sensors.ForgetAsync(ids, cancellationToken));
            if (unknown.Count > 0)
            {
                throw new UsageException(
                    $"{Which(unknown)} unknown: no registration, no alerts and no windows in {database.Description}. "
                    + "Nothing was forgotten.");
            }

            await database.RecordAsync(AuditActions.SensorForget, Listed(sensors), cancellationToken: cancellationToken);
            Console.WriteLine($"Forgot {Plural.Of(sensors.Count, "sensor")} in {database.Description}.");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <returns>The distinct sensors with their numbers.</returns>
    private static async Task<IReadOnlyList<SensorRef>> FindAsync(
        IStore store, IEnumerable<SensorRef> sensors, CancellationToken cancellationToken) =>
        await store.Names.WithNumbersAsync([.. sensors.Distinct()], cancellationToken);

    /// <param name="change">Changes all of the sensors and returns none, or returns those that are unknown.</param>
    /// <returns>The unknown sensors. A name without a number is unknown to every table.</returns>
    private static async Task<List<SensorRef>> ChangeAsync(
        IReadOnlyList<SensorRef> sensors, Func<IReadOnlyCollection<int>, Task<IReadOnlyList<int>>> change)
    {
        var unknown = await change([.. sensors.Select(sensor => sensor.Id)]);
        return [.. sensors.Where(sensor => unknown.Contains(sensor.Id))];
    }

    /// <returns><c>Sensor 7 is</c>, <c>Sensors 7 and 9 are</c>; of many only the first.</returns>
    private static string Which(List<SensorRef> sensors)
    {
        const int MaxNamed = 10;
        var named = sensors.Take(MaxNamed).Select(sensor => PrintableText.Escape($"{sensor}")).ToList();
        return sensors.Count switch
        {
            1 => $"Sensor {named[0]} is",
            <= MaxNamed => $"Sensors {string.Join(", ", named.SkipLast(1))} and {named[^1]} are",
            _ => $"Sensors {string.Join(", ", named)} and {sensors.Count - MaxNamed} more are",
        };
    }

    private static string Listed(IEnumerable<SensorRef> sensors) => string.Join(", ", sensors);
}
