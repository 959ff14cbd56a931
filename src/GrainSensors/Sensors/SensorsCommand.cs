using System.CommandLine;
using System.Globalization;
using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Sensors;

/// <summary><c>sensors</c>: the registry.</summary>
internal static class SensorsCommand
{
    public static Command Create() => new(
        "sensors",
        """
        Look at the registry of sensors, and fill it. A sensor that is registered and never heard of is disconnected.

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
        var command = new Command("list", "List the registered sensors.") { json, store };
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
                var line = string.Create(
                    CultureInfo.InvariantCulture, $"{sensor.SensorId,8}  {sensor.Offset,6:+0.0;-0.0;0.0} °C  {sensor.City}, {sensor.Station}  {sensor.Overrides}");
                Console.WriteLine(line.TrimEnd(' ', ','));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Import()
    {
        var store = Store();
        var file = new Argument<string?>("FILE") { Description = "CSV with the columns sensor_id, city, station, diff_temperature, overrides; the first must be there", Arity = ArgumentArity.ZeroOrOne };
        var example = new Option<bool>("--example") { Description = "Twenty stations in Spain" };
        var command = new Command("import", "Add sensors to the registry, or replace what is known of them.") { file, example, store };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null != result.GetValue(example))
            {
                result.AddError("Say which sensors: give either FILE or --example.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = Settings(result.GetValue(store));
            var sensors = result.GetValue(file) is { } path ? SensorFile.Read(path) : SensorFile.ReadExamples();
            foreach (var sensor in sensors.Where(sensor => sensor.Overrides is not null))
            {
                try
                {
                    RuleOverrides.Apply(sensor.Overrides!, settings.Monitor.Rules.Usual, settings.Measurements);
                }
                catch (FormatException e)
                {
                    throw new UsageException($"The overrides of sensor {sensor.SensorId} are not understood. {e.Message}", e);
                }
            }

            await using var database = await StoreFactory.OpenAsync(settings, cancellationToken);
            await database.Sensors.WriteAsync([.. sensors], cancellationToken);
            Console.WriteLine($"{sensors.Count} sensors are registered in {database.Description}.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Remove()
    {
        var store = Store();
        var ids = new Argument<int[]>("ID") { Description = "The sensors", Arity = ArgumentArity.OneOrMore };
        var command = new Command("remove", "Take sensors that are no more out of the registry. Their alerts end; one that still reports is watched like any that is not registered.")
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

    private static Option<string?> Store() => CommonOptions.Store("The window store that the registry is in [default: that of the configuration]");

    private static PipelineSettings Settings(string? store) => PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
}
