using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Api;

/// <summary>The statistics that a request asks for beside the usual ones.</summary>
internal sealed record FurtherStatistics(bool Sum, bool First, bool Last)
{
    private static readonly string[] Names = ["sum", "first", "last"];

    /// <summary>Whether they need the edges of the windows.</summary>
    public bool NeedEdges => First || Last;

    /// <param name="text">Names, separated by commas.</param>
    /// <exception cref="ApiException">One is unknown.</exception>
    public static FurtherStatistics Parse(string? text)
    {
        var words = ApiQuery.Words(text).ToList();
        return words.Find(word => !Names.Contains(word)) is { } unknown
            ? throw ApiQuery.Invalid("statistics", "one or more of sum, first and last, separated by commas", unknown)
            : new(words.Contains("sum"), words.Contains("first"), words.Contains("last"));
    }

    /// <summary>The columns of <see cref="Write"/>.</summary>
    public IEnumerable<string> Columns =>
        new[] { (Sum, "sum"), (First, "first"), (First, "first_at"), (Last, "last"), (Last, "last_at") }
            .Where(column => column.Item1).Select(column => column.Item2);

    /// <summary>Writes empty fields for what is not known.</summary>
    public void Write(CsvWriter csv, MergedMeasurement measured)
    {
        if (Sum)
        {
            csv.Add(measured.Statistics.Sum);
        }

        if (First)
        {
            csv.Add(measured.Edges?.First).Add(Time(measured.Edges?.FirstAt));
        }

        if (Last)
        {
            csv.Add(measured.Edges?.Last).Add(Time(measured.Edges?.LastAt));
        }
    }

    private static string? Time(long? at) => at is { } known ? EpochTime.ToIso8601(known) : null;
}
