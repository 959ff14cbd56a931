namespace GrainSensors.Web.Charts;

/// <summary>Windows without a gap between them: the mean as a line, and the band from minimum to maximum.</summary>
/// <param name="Area">Data of an SVG path. Each window is as wide as its period.</param>
/// <param name="Mean">Data of an SVG path through the middle of each window; a dot for a single window.</param>
internal readonly record struct Band(string Area, string Mean)
{
    /// <param name="points">In the order of their starts.</param>
    public static IEnumerable<Band> Of(IReadOnlyList<ChartPoint> points, Scale x, Scale y) =>
        Runs.Of(points, (before, point) => before.End == point.Start).Select(run => Draw(points, run, x, y));

    /// <returns>Data of SVG paths: the band from the 5th to the 95th percentile of windows that have them.</returns>
    public static IEnumerable<string> OfPercentiles(IReadOnlyList<ChartPoint> points, Scale x, Scale y) =>
        Runs.Of(points, (before, point) => before.End == point.Start && before.Percentiles is null == point.Percentiles is null)
            .Where(run => points[run.Start.Value].Percentiles is not null)
            .Select(run => Outline(points, run, x, y, point => (point.Percentiles!.Value.P5, point.Percentiles.Value.P95)));

    private static Band Draw(IReadOnlyList<ChartPoint> points, Range run, Scale x, Scale y)
    {
        var (begin, end) = (run.Start.Value, run.End.Value);
        var mean = new SvgPath();
        for (var i = begin; i < end; i++)
        {
            var point = points[i];
            var middle = (x.At(point.Start) + x.At(point.End)) / 2;
            _ = end - begin == 1 ? mean.Dot(middle, y.At(point.Mean)) : mean.Add(i == begin, middle, y.At(point.Mean));
        }

        return new(Outline(points, run, x, y, point => (point.Min, point.Max)), mean.ToString());
    }

    private static string Outline(
        IReadOnlyList<ChartPoint> points, Range run, Scale x, Scale y, Func<ChartPoint, (double Low, double High)> limits)
    {
        var (begin, end, area) = (run.Start.Value, run.End.Value, new SvgPath());
        for (var i = begin; i < end; i++)
        {
            var high = y.At(limits(points[i]).High);
            area.Add(i == begin, x.At(points[i].Start), high).LineTo(x.At(points[i].End), high);
        }

        for (var i = end - 1; i >= begin; i--)
        {
            var low = y.At(limits(points[i]).Low);
            area.LineTo(x.At(points[i].End), low).LineTo(x.At(points[i].Start), low);
        }

        return area.Close().ToString();
    }
}
