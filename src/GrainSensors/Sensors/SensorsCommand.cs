using System.CommandLine;
using System.Globalization;
using GrainSensors.Core.Text;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Sensors;

/// <summary><c>sensors</c>: lists, imports and removes registered sensors.</summary>
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
        """)
    {
        List(), Import(), Remove(),
    };

    private static Command List()
    {
        var store = Store();
        var json = CommonOptions.Json();
        var command = new Command("list", "List registered sensors") { json, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = StoreFactory.Open(Settings(result.GetValue(store)));
            var sensors = await database.Sensors.ReadAsync(cancellationToken);
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

            The alerts of the sensors are cleared. A removed sensor that still reports is watched like any unregistered
            sensor.
            """)
        {
            ids, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = StoreFactory.Open(Settings(result.GetValue(store)));
            foreach (var id in result.GetRequiredValue(ids))
            {
                if (!await database.Sensors.RemoveAsync(id, cancellationToken))
                {
                    throw new UsageException($"Sensor {id} is not registered; see `grainsensors sensors list`.");
                }
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Option<string?> Store() => CommonOptions.Store($"Store of the registry {CommonOptions.FromConfiguration}");

    private static PipelineSettings Settings(string? store) => PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
}
