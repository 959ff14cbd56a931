namespace GrainSensors.Web.Charts;

/// <summary>Windows without a gap between them: the mean as a line, and the band from minimum to maximum.</summary>
/// <param name="Area">Data of an SVG path. Each window is as wide as its period.</param>
/// <param name="Mean">Data of an SVG path through the middle of each window; a dot for a single window.</param>
internal readonly record struct Band(string Area, string Mean)
{
    /// <param name="points">In the order of their starts.</param>
    public static IEnumerable<Band> Of(IReadOnlyList<ChartPoint> points, Scale x, Scale y) =>
        Runs.Of(points, (before, point) => before.End == point.Start).Select(run => Draw(points, run, x, y));

    private static Band Draw(IReadOnlyList<ChartPoint> points, Range run, Scale x, Scale y)
    {
        var (begin, end) = (run.Start.Value, run.End.Value);
        var (area, mean) = (new SvgPath(), new SvgPath());
        for (var i = begin; i < end; i++)
        {
            var point = points[i];
            area.Add(i == begin, x.At(point.Start), y.At(point.Max)).LineTo(x.At(point.End), y.At(point.Max));
            var middle = (x.At(point.Start) + x.At(point.End)) / 2;
            _ = end - begin == 1 ? mean.Dot(middle, y.At(point.Mean)) : mean.Add(i == begin, middle, y.At(point.Mean));
        }

        for (var i = end - 1; i >= begin; i--)
        {
            var point = points[i];
            area.LineTo(x.At(point.End), y.At(point.Min)).LineTo(x.At(point.Start), y.At(point.Min));
        }

        return new(area.Close().ToString(), mean.ToString());
    }
}
