using System.Text.Json.Nodes;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Terminal;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary>Imports entries of a file into the registry.</summary>
internal sealed class SensorImport(PipelineSettings settings, IStore store)
{
    /// <summary>The lines that are written together.</summary>
    private const int ChunkLines = 10_000;

    private readonly EntryRules _rules = new(settings.Rules, settings.Measurements);
    private readonly Dictionary<string, long> _lines = [];
    private int _imported;
    private int _added;
    private int _changed;
    private int _rejected;

    public async Task<int> RunAsync(IEntryFile file, CancellationToken cancellationToken)
    {
        foreach (var lines in file.Read().Chunk(ChunkLines))
        {
            await ImportAsync(file.Name, lines, cancellationToken);
        }

        await store.RecordAsync(AuditActions.SensorImport, file.Name, $"{_added} new, {_changed} changed", cancellationToken);
        foreach (var note in file.Notes)
        {
            Console.WriteLine($"{file.Name}: {note}");
        }

        var total = await store.Sensors.CountAsync(cancellationToken);
        var rest = _rejected > 0 ? $", {Plural.Of(_rejected, "line")} rejected" : "";
        Console.WriteLine(
            $"{Plural.Of(_imported, "sensor")} imported ({_added} new, {_changed} changed){rest}; "
            + $"{total} {(total == 1 ? "is" : "are")} registered in {store.Description}");
        return _rejected > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    private async Task ImportAsync(string file, EntryLine[] lines, CancellationToken cancellationToken)
    {
        var numbered = await store.Names.WithNumbersAsync([.. lines.Select(line => line.Sensor)], cancellationToken);
        int[] ids = [.. numbered.Where(sensor => sensor.Id != SensorName.NoNumber).Select(sensor => sensor.Id).Distinct()];
        var registered = (await store.Sensors.FindAsync(ids, cancellationToken)).ToDictionary(entry => entry.SensorId);
        var entries = new List<RegisteredSensor>();
        foreach (var (line, sensor) in lines.Zip(numbered))
        {
            var known = line.Error is null ? registered.GetValueOrDefault(sensor.Id) : null;
            if (Apply(line, known ?? new(sensor.Id) { Name = sensor.Name }, out var entry) is { } error)
            {
                _rejected++;
                await Console.Error.WriteLineAsync($"{file}, line {line.Number}: {error}");
                continue;
            }

            _imported++;
            if (known is null || !IsSame(known, entry))
            {
                _ = known is null ? _added++ : _changed++;
                entries.Add(entry);
            }
        }

        await EntryRules.WriteAsync(store, entries, cancellationToken);
    }

    /// <returns>Why the line is rejected; null: the entry is valid.</returns>
    private string? Apply(EntryLine line, RegisteredSensor before, out RegisteredSensor entry)
    {
        entry = before;
        var sensor = $"{line.Sensor}";
        if (line.Error is not null || !_lines.TryAdd(sensor, line.Number))
        {
            return line.Error ?? $"sensor {PrintableText.Escape(sensor)} has two lines, this and line {_lines[sensor]}; remove one";
        }

        try
        {
            entry = line.Change(before);
            _rules.Check(entry, before);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>PostgreSQL orders the members of JSON and adds blanks.</summary>
    private static bool IsSame(RegisteredSensor known, RegisteredSensor sensor) =>
        known with { Overrides = null } == sensor with { Overrides = null }
        && JsonNode.DeepEquals(Json(known.Overrides), Json(sensor.Overrides));

    private static JsonNode? Json(string? text) => text is null ? null : JsonNode.Parse(text);
}
