using System.Text.Json.Nodes;
using GrainSensors.Core.Text;
using GrainSensors.Csv;
using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Sensors;
using GrainSensors.Terminal;

namespace GrainSensors.Sensors;

/// <summary>Imports sensors of a file into the registry.</summary>
internal sealed class SensorImport(PipelineSettings settings, IStore store)
{
    public async Task<int> RunAsync(SensorFile file, CancellationToken cancellationToken)
    {
        var registered = await store.Sensors.ReadAllAsync(null, cancellationToken).Where(sensor => sensor.Name is null)
            .ToDictionaryAsync(sensor => sensor.SensorId, cancellationToken: cancellationToken);
        var sensors = new List<RegisteredSensor>();
        var rejected = 0;
        foreach (var (number, sensor, invalid) in file.Read(registered))
        {
            if ((invalid ?? ErrorOfOverrides(sensor!)) is { } error)
            {
                rejected++;
                await Console.Error.WriteLineAsync($"{file.Name}, line {number}: {error}");
            }
            else
            {
                sensors.Add(sensor!);
            }
        }

        var added = sensors.FindAll(sensor => !registered.ContainsKey(sensor.SensorId));
        var changed = sensors.FindAll(sensor => registered.TryGetValue(sensor.SensorId, out var known) && !IsSame(known, sensor));
        await store.Sensors.WriteAsync([.. added, .. changed], cancellationToken);
        await store.RecordAsync(
            AuditActions.SensorImport, file.Name, $"{added.Count} new, {changed.Count} changed", cancellationToken);
        if (file.HasWindows1252)
        {
            Console.WriteLine($"{file.Name}: {CsvFile.Windows1252Note}");
        }

        var total = registered.Count + added.Count;
        var rest = rejected > 0 ? $", {Plural.Of(rejected, "line")} rejected" : "";
        Console.WriteLine(
            $"{Plural.Of(sensors.Count, "sensor")} imported ({added.Count} new, {changed.Count} changed){rest}; "
            + $"{total} {(total == 1 ? "is" : "are")} registered in {store.Description}");
        return rejected > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    /// <summary>PostgreSQL orders the members of JSON and adds blanks.</summary>
    private static bool IsSame(RegisteredSensor known, RegisteredSensor sensor) =>
        known with { Overrides = null } == sensor with { Overrides = null }
        && JsonNode.DeepEquals(Json(known.Overrides), Json(sensor.Overrides));

    private static JsonNode? Json(string? text) => text is null ? null : JsonNode.Parse(text);

    private string? ErrorOfOverrides(RegisteredSensor sensor)
    {
        try
        {
            if (sensor.Overrides is { } overrides)
            {
                RuleOverrides.Apply(overrides, settings.Rules.Usual, settings.Measurements);
            }

            return null;
        }
        catch (FormatException e)
        {
            return $"the overrides of sensor {sensor.SensorId} are invalid. {PrintableText.Escape(e.Message)}";
        }
    }
}
