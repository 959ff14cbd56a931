using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Reports;

namespace GrainSensors.Web.Charts;

/// <summary>A day of one measurement as an SVG: the mean of each window as a line, minimum and maximum as a band, gaps as gaps.</summary>
/// <param name="from">Of the day, µs since the epoch.</param>
/// <param name="windowMicros">Length of a window: points that are further apart than that have a gap between them.</param>
internal sealed class DayChart(long from, long windowMicros)
{
    private const double Width = 720, Height = 170, Left = 46, Right = 8, Top = 10, Bottom = 22;
    private const int Lines = 4;

    /// <param name="color">Of line and band.</param>
    /// <param name="alerts">About the sensor; each is a mark at the moment of its raising.</param>
    public string Draw(MeasurementDay measurement, string color, IReadOnlyList<Alert> alerts)
    {
        var (low, high, step) = Scale(measurement.Day.Min, measurement.Day.Max);
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" style=\"display:block;width:100%;height:auto\" font-family=\"sans-serif\" font-size=\"11\" fill=\"#556\">");
        for (var value = low; value <= high + (step / 2); value += step)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\" stroke=\"#e3e6ea\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Y(value) + 4:0.#}\" text-anchor=\"end\">{value:0.###}</text>");
        }

        for (var hour = 0; hour <= 24; hour += 3)
        {
            var x = X(from + (hour * 3_600 * EpochTime.MicrosPerSecond));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#f0f2f5\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{Height - 6}\" text-anchor=\"{(hour == 24 ? "end" : "middle")}\">{hour:00}:00</text>");
        }

        foreach (var run in Runs(measurement.Windows))
        {
            AppendRun(svg, run, color, Y);
        }

        foreach (var alert in alerts.Where(alert => alert.RaisedAt >= from && alert.RaisedAt < from + DayReader.DayMicros))
        {
            var ink = alert.Level == AlertLevel.Error ? "#c62828" : "#ef8f00";
            var x = X(alert.RaisedAt);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"{ink}\" stroke-dasharray=\"3 3\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x - 4:0.#} {Top - 6}h8l-4 7z\" fill=\"{ink}\"/>");
        }

        return svg.Append("</svg>").ToString();

        double Y(double value) => Top + ((high - value) / (high - low) * (Height - Top - Bottom));
    }

    private double X(long moment) => Left + ((double)(moment - from) / DayReader.DayMicros * (Width - Left - Right));

    private void AppendRun(StringBuilder svg, List<WindowPoint> run, string color, Func<double, double> y)
    {
        if (run.Count == 1)
        {
            // A window with a gap on both sides.
            var (x, s) = (Middle(run[0]), run[0].Statistics);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{y(s.Min):0.#}\" y2=\"{y(s.Max):0.#}\" stroke=\"{color}\" stroke-opacity=\".35\" stroke-width=\"3\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.#}\" cy=\"{y(s.Mean):0.#}\" r=\"1.8\" fill=\"{color}\"/>");
            return;
        }

        var above = run.Select(point => Point(point, y(point.Statistics.Max)));
        var below = Enumerable.Reverse(run).Select(point => Point(point, y(point.Statistics.Min)));
        svg.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{string.Join(' ', above.Concat(below))}\" fill=\"{color}\" fill-opacity=\".18\"/>");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<polyline points=\"{string.Join(' ', run.Select(point => Point(point, y(point.Statistics.Mean))))}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"/>");
    }

    private double Middle(WindowPoint point) => X(point.Start + (windowMicros / 2));

    private string Point(WindowPoint point, double y) => string.Create(CultureInfo.InvariantCulture, $"{Middle(point):0.#},{y:0.#}");

    private IEnumerable<List<WindowPoint>> Runs(IReadOnlyList<WindowPoint> points)
    {
        var run = new List<WindowPoint>();
        foreach (var point in points)
        {
            if (run.Count > 0 && point.Start - run[^1].Start > windowMicros)
            {
                yield return run;
                run = [];
            }

            run.Add(point);
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    /// <returns>Round numbers around the values, and how far apart the lines are: 1, 2 or 5 times a power of ten.</returns>
    private static (double Low, double High, double Step) Scale(double min, double max)
    {
        var span = Math.Max(max - min, Math.Max(Math.Abs(max), 1) * 1e-3);
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / Lines)));
        var step = power * ((span / Lines / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return (Math.Floor(min / step) * step, Math.Max(Math.Ceiling(max / step), Math.Floor(min / step) + 1) * step, step);
    }
}
