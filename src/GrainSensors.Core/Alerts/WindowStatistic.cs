using System.Globalization;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Alerts;

/// <summary>A number about the values of a window: <c>mean</c>, or a percentile such as <c>p95</c>.</summary>
public readonly record struct WindowStatistic
{
    public const string Forms = "mean, min, max, range, stddev, count, sum or a percentile from p1 to p99";

    private const byte MaxPercentile = 99;

    // The codes of the words below, in their order.
    private const byte Mean = 101;
    private const byte Min = 102;
    private const byte Max = 103;
    private const byte Range = 104;
    private const byte Deviation = 105;
    private const byte Count = 106;

    private static readonly string[] Words = ["mean", "min", "max", "range", "stddev", "count", "sum"];

    private WindowStatistic(byte code) => Code = code;

    /// <summary>It is stored: of a percentile from 1 to 99, and above of the others.</summary>
    internal byte Code { get; }

    /// <summary>Whether it is the number of values, which a window without values has, too.</summary>
    public bool IsCount => Code == Count;

    public bool IsPercentile => Code is >= 1 and <= MaxPercentile;

    public string Name => IsPercentile ? string.Create(CultureInfo.InvariantCulture, $"p{Code}") : Words[Code - Mean];

    /// <returns>Null: there is no such statistic.</returns>
    public static WindowStatistic? Find(string name)
    {
        var word = Array.IndexOf(Words, name);
        return word >= 0 ? new((byte)(Mean + word))
            : name is ['p', >= '1' and <= '9', ..] && name.Length <= 3
                && byte.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? new(percent)
            : null;
    }

    /// <returns>Null: no statistic has the code.</returns>
    internal static WindowStatistic? OfCode(byte code) =>
        code is (>= 1 and <= MaxPercentile) or >= Mean && code < Mean + Words.Length ? new(code) : null;

    /// <param name="sketch">The values; null unless it is a percentile.</param>
    /// <returns>
    /// NaN: there is none. A statistic beyond the numbers, such as the sum of two of the greatest, is the greatest or least number.
    /// </returns>
    internal double Of(in RunningStatistics values, QuantileSketch? sketch) => Math.Clamp(
        values.Count == 0 && !IsCount ? double.NaN
        : Code switch
        {
            Mean => values.Mean,
            Min => values.Min,
            Max => values.Max,
            Range => values.Max - values.Min,
            Deviation => values.PopulationStandardDeviation,
            Count => values.Count,
            <= MaxPercentile => sketch!.Quantile(Code / 100.0, values.Min, values.Max),
            _ => values.Sum,
        },
        double.MinValue,
        double.MaxValue);
}
