using System.CommandLine;
using GrainSensors.Csv;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Terminal;

namespace GrainSensors.Sensors;

/// <summary><c>sensors import</c> and <c>sensors export</c>.</summary>
internal static class TransferSensors
{
    private const string Json = "json";

    public static Command Import()
    {
        var store = RegistryStore.Option();
        var file = new Argument<string?>("FILE")
        {
            Description = $"CSV with the columns {string.Join(", ", EntryColumn.All.SkipLast(1))} and {EntryColumn.All[^1]}, of which only "
                + "sensor_id is required, or JSON. - is standard input",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var csv = new CsvOptions();
        var format = Format("Format of the file [default: json if its name ends with .json, else csv]");
        var example = new Option<bool>("--example") { Description = "Import twenty example stations in Spain" };
        var command = new Command(
            "import",
            """
            Add sensors to the registry or change their entries

            A column or member that the file does not have leaves its field in the registry as it is. An empty cell or
            null clears the field. Tags in CSV replace those of the sensor, as floor=2;room=kitchen; tags in JSON are
            merged. Invalid lines are reported with their line number, and the others are imported.

            Exit codes: 0 all lines were imported, 3 some were rejected, 2 the command could not run.
            """) { file, example, format, csv.Columns, csv.Encoding, store };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null != result.GetResult(example) is not null)
            {
                result.AddError("Give either FILE or --example.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = RegistryStore.Settings(result.GetValue(store));
            using IEntryFile sensors = result.GetValue(file) is not { } path ? SensorFile.OpenExamples()
                : IsJson(path, result.GetValue(format)) ? new SensorJsonFile(path)
                : new SensorFile(path, csv.Of(result));
            await using var database = await StoreFactory.OpenAsync(settings, cancellationToken);
            Confirmation.Announce($"Importing into {database.Description}");
            return await new SensorImport(settings, database).RunAsync(sensors, cancellationToken);
        });
        return command;
    }

    public static Command Export()
    {
        var store = RegistryStore.Option();
        var filter = new FilterOptions();
        var format = Format("Output format [default: json if the name of the output file ends with .json, else csv]");
        var output = new Option<string?>("--output") { HelpName = "FILE", Description = "Output file [default: standard output]" };
        var formulas = new Option<bool>("--keep-formulas")
        {
            Description = "Write texts as they are into CSV; otherwise an apostrophe precedes one that a spreadsheet would run",
        };
        var command = new Command("export", "Write registered sensors to a file that `sensors import` reads")
        {
            output, format, filter.Tags, filter.Text, filter.Place, formulas, store,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filter.Of(result);
            var settings = RegistryStore.Settings(result.GetValue(store));
            var path = result.GetValue(output);
            OutputFile.Require(path, settings.Store.File);
            await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            var entries = ReadSensors.Entries(database, wanted, cancellationToken);
            Func<TextWriter, Task> write = IsJson(path ?? "", result.GetValue(format))
                ? writer => SensorExport.WriteJsonAsync(writer, entries)
                : writer => SensorExport.WriteCsvAsync(writer, entries, result.GetValue(formulas));
            await (path is null ? write(Console.Out) : OutputFile.WriteAsync(path, write));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Option<string?> Format(string description) => CommonOptions.Choice("--format", description, "csv", Json);

    private static bool IsJson(string path, string? format) =>
        format is null ? path.EndsWith($".{Json}", StringComparison.OrdinalIgnoreCase) : format == Json;
}
