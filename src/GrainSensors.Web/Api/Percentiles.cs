using System.Globalization;
using GrainSensors.Core.Merging;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Api;

/// <summary>The percentiles that a request asks for, in its order.</summary>
internal sealed class Percentiles
{
    private const int Max = 20;
    private const int MaxDecimals = 6;

    private readonly List<(string Name, double Quantile)> _asked = [];

    private Percentiles()
    {
    }

    /// <summary>Such as <c>p50</c> and <c>p99.9</c>.</summary>
    public IEnumerable<string> Names => _asked.Select(percentile => percentile.Name);

    public bool IsEmpty => _asked.Count == 0;

    /// <param name="text">Quantiles from 0 to 1, separated by commas.</param>
    /// <exception cref="ApiException">One is not, or is repeated, or there are too many.</exception>
    public static Percentiles Parse(string? text)
    {
        var percentiles = new Percentiles();
        foreach (var word in ApiQuery.Words(text))
        {
            if (!decimal.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quantile)
                || quantile > 1 || quantile.Scale > MaxDecimals)
            {
                throw ApiQuery.Invalid("p", $"numbers from 0 to 1 with at most {MaxDecimals} decimals, such as 0.5,0.95", word);
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"p{100 * quantile / 1.000000000m:0.####}");
            if (percentiles._asked.Count == Max || percentiles.Names.Contains(name))
            {
                throw ApiQuery.Bad(
                    percentiles._asked.Count == Max ? $"p has more than {Max} percentiles." : $"p has {name} twice; leave one out.");
            }

            percentiles._asked.Add((name, (double)quantile));
        }

        return percentiles;
    }

    /// <summary>Writes a field for each of <see cref="Names"/>; empty: not known.</summary>
    public void Write(CsvWriter csv, MergedMeasurement measurement)
    {
        foreach (var percentile in Of(measurement))
        {
            csv.Add(percentile);
        }
    }

    /// <returns>The percentiles; null: not known.</returns>
    private IEnumerable<double?> Of(MergedMeasurement measurement) =>
        _asked.Select(percentile => measurement.Quantile(percentile.Quantile));

    /// <returns>The percentiles by name; null: none is asked for.</returns>
    public IReadOnlyDictionary<string, double?>? ByName(MergedMeasurement measurement) => IsEmpty
        ? null
        : Names.Zip(Of(measurement)).ToDictionary(pair => pair.First, pair => pair.Second);
}
