using System.CommandLine;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary><c>sensors list</c> and <c>sensors show</c>.</summary>
internal static class ReadSensors
{
    public static Command List()
    {
        var store = RegistryStore.Option();
        var filter = new FilterOptions();
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List registered sensors") { filter.Tags, filter.Text, filter.Place, json, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filter.Of(result);
            await using var database = await StoreFactory.OpenExistingAsync(
                RegistryStore.Settings(result.GetValue(store)), cancellationToken);
            var sensors = Entries(database, wanted, cancellationToken);
            if (result.GetValue(json))
            {
                await SensorExport.WriteArrayAsync(Console.Out, sensors.Select(ListedOf), "");
                return ExitCodes.Success;
            }

            await foreach (var sensor in sensors)
            {
                Console.WriteLine(PrintableText.Escape(SensorExport.Line(sensor)));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    public static Command Show()
    {
        var store = RegistryStore.Option();
        var sensor = new Argument<SensorRef>("SENSOR")
        {
            Description = "Id or name of the sensor",
            CustomParser = CommonOptions.ParseSensor,
        };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show the entry of a registered sensor") { sensor, json, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var database = await StoreFactory.OpenExistingAsync(
                RegistryStore.Settings(result.GetValue(store)), cancellationToken);
            var wanted = (await database.Names.WithNumbersAsync([result.GetRequiredValue(sensor)], cancellationToken))[0];
            var entry = await database.Sensors.FindAsync(wanted.Id, cancellationToken) ?? throw new UsageException(
                $"Sensor {PrintableText.Escape($"{wanted}")} is not registered in {database.Description}. "
                + "`grainsensors sensors set` registers it.");
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(EntryBody.Of(entry)));
                return ExitCodes.Success;
            }

            foreach (var (column, value) in EntryColumn.Values(entry).Where(pair => pair.Value.Length > 0))
            {
                Console.WriteLine($"{column,-18}{PrintableText.Escape(value)}");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    /// <returns>The registered sensors that the filter selects.</returns>
    public static IAsyncEnumerable<RegisteredSensor> Entries(IStore store, SensorFilter filter, CancellationToken cancellationToken) =>
        store.Sensors.ReadAllAsync(filter.Tags, cancellationToken).Where(entry => filter.Matches(entry.Sensor, entry));

    /// <summary>The members that version 0.1 printed come first.</summary>
    private static object ListedOf(RegisteredSensor sensor) => new
    {
        SensorId = sensor.Sensor,
        sensor.City,
        sensor.Station,
        sensor.Offset,
        sensor.Overrides,
        sensor.DisplayName,
        sensor.Tags,
        sensor.Latitude,
        sensor.Longitude,
        sensor.TimeZone,
    };
}
