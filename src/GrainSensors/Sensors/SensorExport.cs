using System.Globalization;
using GrainSensors.Csv;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary>Writes entries in the formats that <c>sensors import</c> reads.</summary>
internal static class SensorExport
{
    public static async Task WriteCsvAsync(TextWriter output, IAsyncEnumerable<RegisteredSensor> entries, bool keepsFormulas)
    {
        var csv = new CsvWriter(output, keepsFormulas);
        await csv.Add([.. EntryColumn.All]).EndLineAsync();
        await foreach (var entry in entries)
        {
            var cells = EntryColumn.Values(entry).Select(cell =>
                cell.Column == EntryColumn.SensorId ? CsvSensor.Format(entry.Sensor, keepsFormulas) : cell.Value);
            await csv.Add([.. cells]).EndLineAsync();
        }
    }

    /// <summary>One entry a line.</summary>
    public static Task WriteJsonAsync(TextWriter output, IAsyncEnumerable<RegisteredSensor> entries) =>
        WriteArrayAsync(output, entries.Select(EntryBody.Of), "\n");

    /// <param name="between">Follows the comma after an item.</param>
    public static async Task WriteArrayAsync<T>(TextWriter output, IAsyncEnumerable<T> items, string between)
    {
        await output.WriteAsync('[');
        var count = 0L;
        await foreach (var item in items)
        {
            await output.WriteAsync(count++ > 0 ? $",{between}" : "");
            await output.WriteAsync(JsonOutput.Of(item));
        }

        await output.WriteAsync("]\n");
    }

    /// <returns>A line of <c>sensors list</c>.</returns>
    public static string Line(RegisteredSensor sensor)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{$"{sensor.Sensor}",8}  {sensor.Offset,6:+0.0;-0.0;0.0} °C");
        string?[] parts = [id, sensor.Place, sensor.DisplayName, $"{sensor.Tags}", sensor.Overrides];
        return string.Join("  ", parts.Where(part => !string.IsNullOrEmpty(part)));
    }
}
