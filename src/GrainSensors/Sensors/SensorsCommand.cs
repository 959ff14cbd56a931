using System.CommandLine;
using System.Globalization;
using GrainSensors.Core.Text;
using GrainSensors.Csv;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage.Sensors;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Sensors;

/// <summary><c>sensors</c>: lists, imports and removes registered sensors, and dismisses sensors.</summary>
internal static class SensorsCommand
{
    public static Command Create() => new(
        "sensors",
        """
        Manage the sensor registry

        A registered sensor that never reports raises an alert.

          grainsensors sensors list
          grainsensors sensors import sensors.csv
          grainsensors sensors import --example
          grainsensors sensors remove 7
          grainsensors sensors forget 99 100
        """)
    {
        List(), Import(), Remove(), Forget(),
    };

    private static Command List()
    {
        var store = Store();
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List registered sensors") { json, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = await StoreFactory.OpenExistingAsync(Settings(result.GetValue(store)), cancellationToken);
            var sensors = await database.Sensors.ReadAllAsync(null, cancellationToken).ToListAsync(cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(sensors));
                return ExitCodes.Success;
            }

            foreach (var sensor in sensors)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{sensor.SensorId,8}  {sensor.Offset,6:+0.0;-0.0;0.0} °C");
                var line = $"{id}  {sensor.City}, {sensor.Station}  {sensor.Overrides}".TrimEnd(' ', ',');
                Console.WriteLine(PrintableText.Escape(line));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Import()
    {
        var store = Store();
        var file = new Argument<string?>("FILE")
        {
            Description = "CSV with the columns sensor_id, city, station, diff_temperature and overrides; only sensor_id is required. "
                + "- is standard input",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var csv = new CsvOptions();
        var example = new Option<bool>("--example") { Description = "Import twenty example stations in Spain" };
        var command = new Command(
            "import",
            """
            Add sensors to the registry or change their entries

            A column that the file does not have leaves its field in the registry as it is. An empty cell clears the field.
            Invalid lines are reported with their line number, and the others are imported.

            Exit codes: 0 all lines were imported, 3 some were rejected, 2 the command could not run.
            """) { file, example, csv.Columns, csv.Encoding, store };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null != result.GetResult(example) is not null)
            {
                result.AddError("Give either FILE or --example.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = Settings(result.GetValue(store));
            using var sensors = result.GetValue(file) is { } path ? new SensorFile(path, csv.Of(result)) : SensorFile.OpenExamples();
            await using var database = await StoreFactory.OpenAsync(settings, cancellationToken);
            Confirmation.Announce($"Importing into {database.Description}");
            return await new SensorImport(settings, database).RunAsync(sensors, cancellationToken);
        });
        return command;
    }

    private static Command Remove()
    {
        var store = Store();
        var ids = CommonOptions.SensorIds("Ids of the sensors");
        var command = new Command(
            "remove",
            """
            Unregister sensors

            The command removes all of the sensors, or none if one of them is not registered. Their alerts are cleared. A
            removed sensor that still reports is watched like any unregistered sensor.
            """)
        {
            ids, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = await StoreFactory.OpenExistingAsync(Settings(result.GetValue(store)), cancellationToken);
            var sensors = result.GetRequiredValue(ids);
            if (await database.Sensors.RemoveAsync(sensors, cancellationToken) is { Count: > 0 } missing)
            {
                throw new UsageException(
                    $"{Which(missing)} not registered; nothing was removed from {database.Description}. "
                    + "See `grainsensors sensors list`.");
            }

            await database.RecordAsync(AuditActions.SensorRemove, Listed(sensors), cancellationToken: cancellationToken);
            Console.WriteLine($"Removed {Plural.Of(sensors.Distinct().Count(), "sensor")} from {database.Description}.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Forget()
    {
        var store = Store();
        var ids = CommonOptions.SensorIds("Ids of the sensors");
        var command = new Command(
            "forget",
            """
            Dismiss sensors that no longer exist

            The command dismisses all of the sensors, or none if one of them is unknown. It unregisters them and clears
            their alerts; running silos drop them from the fleet within seconds. Their windows stay. Only a reading with
            a later event time brings a sensor back. While `run` uses a SQLite store, send
            DELETE /api/v1/sensors/ID to its API instead.
            """)
        {
            ids, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = await StoreFactory.OpenExistingAsync(Settings(result.GetValue(store)), cancellationToken);
            await database.PrepareAsync(cancellationToken);
            var sensors = result.GetRequiredValue(ids);
            if (await database.Sensors.ForgetAsync(sensors, cancellationToken) is { Count: > 0 } unknown)
            {
                throw new UsageException(
                    $"{Which(unknown)} unknown: no registration, no alerts and no windows in {database.Description}. "
                    + "Nothing was forgotten.");
            }

            await database.RecordAsync(AuditActions.SensorForget, Listed(sensors), cancellationToken: cancellationToken);
            Console.WriteLine($"Forgot {Plural.Of(sensors.Distinct().Count(), "sensor")} in {database.Description}.");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <returns><c>Sensor 7 is</c>, <c>Sensors 7 and 9 are</c>; of many only the first.</returns>
    private static string Which(IReadOnlyList<int> sensors)
    {
        const int MaxNamed = 10;
        var named = sensors.Take(MaxNamed).Select(id => id.ToString(CultureInfo.InvariantCulture)).ToList();
        return sensors.Count switch
        {
            1 => $"Sensor {named[0]} is",
            <= MaxNamed => $"Sensors {string.Join(", ", named.SkipLast(1))} and {named[^1]} are",
            _ => $"Sensors {string.Join(", ", named)} and {sensors.Count - MaxNamed} more are",
        };
    }

    private static string Listed(IEnumerable<int> sensors) =>
        string.Join(", ", sensors.Distinct().Select(id => id.ToString(CultureInfo.InvariantCulture)));

    private static Option<string?> Store() => CommonOptions.Store($"Store of the registry {CommonOptions.FromConfiguration}");

    private static PipelineSettings Settings(string? store) => PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
}
