using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The columns <c>statistics</c> and <c>sketches</c> of the table <c>merged_windows</c>: members by measurement.</summary>
internal static class SqliteMergedJson
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string OfStatistics(IReadOnlyList<MeasuredStatistics> measurements) => JsonSerializer.Serialize(
        measurements.ToDictionary(
            measured => measured.Measurement,
            measured => new[]
            {
                measured.Statistics.Count, measured.Statistics.Mean, measured.Statistics.M2, measured.Statistics.Min,
                measured.Statistics.Max, measured.Last, measured.Edges?.FirstAt ?? 0, measured.Edges?.First ?? double.NaN,
                measured.Edges?.LastAt ?? 0, measured.Edges?.Last ?? double.NaN,
            }),
        Json);

    /// <returns>Null: no measurement has a sketch.</returns>
    public static string? OfSketches(IReadOnlyList<MeasuredStatistics> measurements) =>
        measurements.Any(measured => measured.Sketch is not null)
            ? JsonSerializer.Serialize(measurements.Where(measured => measured.Sketch is not null)
                .ToDictionary(measured => measured.Measurement, measured => measured.Sketch!.ToBytes()))
            : null;

    public static MeasuredStatistics[] Read(string statistics, string? sketches)
    {
        var known = sketches is null ? [] : JsonSerializer.Deserialize<Dictionary<string, byte[]>>(sketches)!;
        return
        [
            .. JsonSerializer.Deserialize<Dictionary<string, double[]>>(statistics, Json)!
                .Select(measured => new MeasuredStatistics(
                    measured.Key,
                    new((long)measured.Value[0], measured.Value[1], measured.Value[2], measured.Value[3], measured.Value[4]),
                    measured.Value[5],
                    Sketch: StoredSketch.Read(known.GetValueOrDefault(measured.Key), (long)measured.Value[0]),
                    Edges: EdgesOf(measured.Value))),
        ];
    }

    /// <returns>Null: not known, or an older program wrote the first six numbers.</returns>
    private static EdgeValues? EdgesOf(double[] statistics) =>
        statistics is [_, _, _, _, _, _, var firstAt, var first, var lastAt, var last] && !double.IsNaN(first)
            ? new((long)firstAt, first, (long)lastAt, last)
            : null;
}
