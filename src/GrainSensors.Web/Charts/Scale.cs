namespace GrainSensors.Web.Charts;

/// <summary>A linear axis: it maps the values from <paramref name="Low"/> to <paramref name="High"/> to places in a drawing.</summary>
/// <param name="Start">Place of the lowest value.</param>
/// <param name="End">Place of the highest value; less than <paramref name="Start"/> where values grow upwards.</param>
internal readonly record struct Scale(double Low, double High, double Start, double End)
{
    /// <summary>Grid lines that an axis aims at; rounding the values makes it one or two more.</summary>
    private const int Lines = 4;

    /// <summary>The least span as a share of the greatest value: below it, noise of a steady value would fill the chart.</summary>
    private const double LeastSpan = 0.01;

    /// <summary>Distance between grid lines; 0 for an axis that was not rounded, which has none.</summary>
    public double Step { get; private init; }

    /// <returns>An axis from one round number to another, with all values between them.</returns>
    public static Scale Around(double min, double max, double start, double end)
    {
        var step = StepOf(min, max);
        var low = Math.Floor(min / step) * step;
        return new(low, Math.Max(Math.Ceiling(max / step) * step, low + step), start, end) { Step = step };
    }

    public double At(double value) => High > Low ? Start + ((value - Low) / (High - Low) * (End - Start)) : (Start + End) / 2;

    /// <summary>The round numbers on the axis, lowest first.</summary>
    public IEnumerable<double> Ticks()
    {
        if (Step == 0)
        {
            yield break;
        }

        var last = Math.Round(High / Step);
        for (var i = Math.Round(Low / Step); i <= last; i++)
        {
            // Adding zero turns −0 into 0.
            yield return (i * Step) + 0.0;
        }
    }

    /// <returns>1, 2 or 5 times a power of ten.</returns>
    private static double StepOf(double min, double max)
    {
        var magnitude = Math.Max(Math.Abs(min), Math.Abs(max));
        var span = Math.Max(max - min, magnitude > 0 ? magnitude * LeastSpan : 1);
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / Lines)));
        return power * ((span / Lines / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }
}
