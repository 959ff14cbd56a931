using System.CommandLine;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Terminal;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary><c>sensors set</c>: registers sensors, and changes entries.</summary>
internal static class SetSensors
{
    private static readonly (string Option, string HelpName, string Column, string Description)[] Fields =
    [
        ("--name", "TEXT", EntryColumn.DisplayName, "Name that people see"),
        ("--city", "TEXT", EntryColumn.City, "City"),
        ("--station", "TEXT", EntryColumn.Station, "Place in the city"),
        ("--latitude", "DEGREES", EntryColumn.Latitude, "Latitude, north is positive"),
        ("--longitude", "DEGREES", EntryColumn.Longitude, "Longitude, east is positive"),
        ("--time-zone", "ID", EntryColumn.TimeZone, "IANA time zone, such as Europe/Madrid"),
        ("--diff-temperature", "DEGREES", EntryColumn.Offset, "Error of the sensor, °C: how much warmer it reads"),
        ("--overrides", "JSON", EntryColumn.Overrides, "Alert rules of the sensor, such as {\"timeout\":\"3m\"}"),
    ];

    public static Command Create()
    {
        var store = RegistryStore.Option();
        var sensors = CommonOptions.SensorArguments();
        var fields = Fields.Select(field => (field.Column, Option: new Option<string?>(field.Option)
        {
            HelpName = field.HelpName,
            Description = field.Description,
        })).ToList();
        var tags = new Option<string[]>("--tag") { HelpName = "KEY=VALUE", Description = "Set this tag; may be repeated" };
        var removed = new Option<string[]>("--remove-tag") { HelpName = "KEY", Description = "Remove this tag; may be repeated" };
        var command = new Command(
            "set",
            """
            Register sensors or change their entries

            A sensor that is not registered is added. Options that are not given leave their field as it is; an empty text
            clears it. If one of the values is invalid, nothing is changed.
            """)
        {
            sensors, tags, removed, store,
        };
        fields.ForEach(field => command.Add(field.Option));
        command.SetAction((result, cancellationToken) =>
        {
            RegisteredSensor Change(RegisteredSensor entry)
            {
                foreach (var (column, option) in fields.Where(field => result.GetResult(field.Option) is not null))
                {
                    entry = EntryColumn.Set(entry, column, result.GetValue(option) ?? "");
                }

                return entry with { Tags = TagsOf(entry.Tags, result.GetValue(removed) ?? [], result.GetValue(tags) ?? []) };
            }

            var settings = RegistryStore.Settings(result.GetValue(store));
            return RunAsync(settings, [.. result.GetRequiredValue(sensors).Distinct()], Change, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        PipelineSettings settings,
        SensorRef[] sensors,
        Func<RegisteredSensor, RegisteredSensor> change,
        CancellationToken cancellationToken)
    {
        await using var store = await StoreFactory.OpenAsync(settings, cancellationToken);
        var wanted = await store.Names.WithNumbersAsync(sensors, cancellationToken);
        var rules = new EntryRules(settings.Rules, settings.Measurements);
        var changed = 0;
        try
        {
            Change(await store.Sensors.FindAsync([.. wanted.Select(sensor => sensor.Id)], cancellationToken));
            Confirmation.Announce($"Changing {Plural.Of(wanted.Count, "sensor")} in {store.Description}");
            wanted = await EntryRules.WithNumbersAsync(store, wanted, cancellationToken);
            await store.Sensors.ChangeAsync([.. wanted.Select(sensor => sensor.Id)], Change, cancellationToken);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{e.Message.TrimEnd('.')}. Nothing was changed.", e);
        }

        await store.RecordAsync(AuditActions.SensorSet, string.Join(", ", wanted), cancellationToken: cancellationToken);
        var added = wanted.Count - changed;
        Console.WriteLine($"{Plural.Of(wanted.Count, "sensor")} set ({added} new, {changed} changed) in {store.Description}.");
        return ExitCodes.Success;

        List<RegisteredSensor> Change(IReadOnlyList<RegisteredSensor> entries)
        {
            var known = entries.ToDictionary(entry => entry.Sensor);
            var result = new List<RegisteredSensor>();
            foreach (var sensor in wanted)
            {
                var before = known.GetValueOrDefault(sensor) ?? new(sensor.Id) { Name = sensor.Name };
                result.Add(change(before));
                rules.Check(result[^1], before);
            }

            changed = known.Count;
            return result;
        }
    }

    /// <exception cref="FormatException">A tag is invalid.</exception>
    private static SensorTags TagsOf(SensorTags before, string[] removed, string[] set)
    {
        if (removed.Length == 0 && set.Length == 0)
        {
            return before; // another program may have written tags that are invalid
        }

        var tags = before.Where(tag => !removed.Contains(tag.Key)).ToDictionary();
        foreach (var (key, value) in SensorTags.Of(set.Select(SensorTags.ParseTag)))
        {
            tags[key] = value;
        }

        return SensorTags.Of(tags);
    }
}
