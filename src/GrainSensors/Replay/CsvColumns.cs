using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>The columns of a recording, found by the names in its header.</summary>
internal sealed class CsvColumns
{
    private static readonly char[] Delimiters = [',', ';', '\t'];

    /// <exception cref="UsageException">The header or a required column is missing.</exception>
    public CsvColumns(string? header, string file, MeasurementSet measurements)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            throw new UsageException(
                $"{file} is empty; its first line must name the columns, such as sensor_id,timestamp,temperature,humidity.");
        }

        Delimiter = Delimiters.MaxBy(delimiter => header.AsSpan().Count(delimiter));
        var names = header.Split(Delimiter, StringSplitOptions.TrimEntries).Select(name => name.Trim('"')).ToList();
        int Find(string name) => names.FindIndex(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        SensorId = Find("sensor_id");
        Timestamp = Find("timestamp");
        Label = Find("label");
        Values = [.. measurements.All.Select(m => Find(m.Name))];
        var missing = SensorId < 0 ? "sensor_id"
            : Timestamp < 0 ? "timestamp"
            : Array.TrueForAll(Values, at => at < 0) ? string.Join(" or ", measurements.All.Select(m => m.Name))
            : null;
        if (missing is not null)
        {
            throw new UsageException(
                $"{file} has no column {missing}; add it to the first line, which names {string.Join(", ", names)}.");
        }

        Count = names.Count;
    }

    public char Delimiter { get; }

    public int SensorId { get; }

    public int Timestamp { get; }

    /// <summary>The column of each measurement; −1: the recording does not have it.</summary>
    public int[] Values { get; }

    /// <summary>The column that marks readings of an event; −1: the recording does not have it.</summary>
    public int Label { get; }

    public int Count { get; }
}
