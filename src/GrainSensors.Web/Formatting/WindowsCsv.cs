using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Names;

namespace GrainSensors.Web.Formatting;

/// <summary>Writes windows as CSV, one line for each measurement of a window.</summary>
internal sealed class WindowsCsv(TextWriter output)
{
    private readonly CsvWriter _csv = new(output);

    /// <param name="rows">In the order of the output.</param>
    /// <param name="names">The names of numbers.</param>
    public static async Task WriteAsync(TextWriter output, IAsyncEnumerable<WindowRow> rows, ISensorNames names)
    {
        var csv = new WindowsCsv(output);
        await csv.WriteHeaderAsync([]);
        await foreach (var row in rows)
        {
            var known = await names.NamesAmongAsync([row.Key.SensorId], CancellationToken.None);
            await csv.WriteAsync(
                SensorRef.Of(row.Key.SensorId, known), row.Key.Measurement, (row.Key.Start, row.Key.End), row.Statistics, row.Revision,
                row.IsFinal, further: null);
        }
    }

    /// <param name="further">Further columns.</param>
    public Task WriteHeaderAsync(IEnumerable<string> further) => _csv
        .Add("sensor_id", "metric", "window_start", "window_end", "sample_count", "min", "max", "avg", "stddev", "revision", "is_final")
        .Add([.. further])
        .EndLineAsync();

    /// <param name="further">Writes further columns; null: there are none.</param>
    public Task WriteAsync(
        SensorRef sensor, string measurement, (long Start, long End) window, RunningStatistics statistics, int revision,
        bool isFinal, Action<CsvWriter>? further)
    {
        _csv.Add($"{sensor}").Add(measurement).Add(EpochTime.ToIso8601(window.Start)).Add(EpochTime.ToIso8601(window.End))
            .Add(statistics.Count).Add(statistics.Min).Add(statistics.Max).Add(statistics.Mean)
            .Add(statistics.PopulationStandardDeviation).Add(revision).Add(isFinal);
        further?.Invoke(_csv);
        return _csv.EndLineAsync();
    }
}
