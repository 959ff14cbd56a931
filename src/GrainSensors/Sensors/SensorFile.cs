using System.Globalization;
using System.Text;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Sensors;

/// <summary>
/// Reads sensors from CSV: <c>sensor_id,city,station,diff_temperature,overrides</c>. Only the first column is required.
/// </summary>
internal static class SensorFile
{
    private const string Examples = "stations.csv";

    /// <returns>Twenty stations in Spain, for testing.</returns>
    public static IReadOnlyList<RegisteredSensor> ReadExamples()
    {
        using var stream = typeof(SensorFile).Assembly.GetManifestResourceStream(Examples)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Read(Examples, reader);
    }

    /// <exception cref="UsageException">The file cannot be read, or a line is invalid.</exception>
    public static IReadOnlyList<RegisteredSensor> Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Read(path, reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"Cannot read {path}: {e.Message}", e);
        }
    }

    private static List<RegisteredSensor> Read(string path, TextReader reader)
    {
        var names = (reader.ReadLine() ?? "").Split(',', StringSplitOptions.TrimEntries).ToList();
        if (!names.Contains("sensor_id"))
        {
            throw new UsageException(
                $"{path} has no column sensor_id; its first line must name the columns, such as sensor_id,city,station,diff_temperature.");
        }

        var sensors = new Dictionary<int, RegisteredSensor>();
        for (var number = 2; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var sensor = Parse(line, names) ?? throw new UsageException(
                $"{path}, line {number} must have {string.Join(", ", names)}, with a sensor_id from 0 to {int.MaxValue}; got \"{line}\".");
            if (!sensors.TryAdd(sensor.SensorId, sensor))
            {
                throw new UsageException($"{path}, line {number}: sensor {sensor.SensorId} has two lines; remove one.");
            }
        }

        return [.. sensors.Values];
    }

    private static RegisteredSensor? Parse(string line, List<string> names)
    {
        Span<Range> fields = stackalloc Range[CsvLine.MaxFields];
        if (CsvLine.Split(line, ',', fields) != names.Count)
        {
            return null;
        }

        var offset = Text(line, fields, names, "diff_temperature");
        var number = 0.0;
        return int.TryParse(Text(line, fields, names, "sensor_id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && (offset is null || double.TryParse(offset, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                ? new(
                    id,
                    Text(line, fields, names, "city"),
                    Text(line, fields, names, "station"),
                    number,
                    Unquote(Text(line, fields, names, "overrides")))
                : null;
    }

    private static string? Unquote(string? text) => text?.Replace("\"\"", "\"", StringComparison.Ordinal);

    private static string? Text(string line, ReadOnlySpan<Range> fields, List<string> names, string name)
    {
        var index = names.IndexOf(name);
        return index < 0 || line.AsSpan(fields[index]).Trim() is { IsEmpty: true } ? null : line.AsSpan(fields[index]).Trim().ToString();
    }
}
