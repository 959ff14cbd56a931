using System.Globalization;
using GrainSensors.Web.Formatting;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Charts;

/// <summary>
/// The windows of one measurement of a sensor: mean as a line, minimum and maximum as a band, percentiles as one within it, and alerts as
/// marks.
/// </summary>
public partial class WindowChart
{
    private const int Width = 1000;
    private const int Height = 300;

    /// <summary>Above this number dots would cover the line.</summary>
    private const int MaxDots = 60;

    /// <summary>Above this number a window is narrower than a mouse can point at.</summary>
    private const int MaxHits = 400;

    /// <summary>If the windows fill a smaller part of the range than this, the chart covers only the time that they fill.</summary>
    private const double LeastFilled = 0.25;

    private readonly List<(double Value, string Text)> _values = [];
    private readonly List<(long At, string Text)> _times = [];
    private readonly List<string> _dots = [];
    private IReadOnlyList<Band> _bands = [];
    private IReadOnlyList<string> _percentiles = [];
    private Scale _x;
    private Scale _y;
    private string _summary = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<ChartPoint> Points { get; set; } = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    /// <summary>Start of the time axis, µs since the epoch.</summary>
    [Parameter, EditorRequired]
    public long From { get; set; }

    /// <summary>End of the time axis, µs since the epoch.</summary>
    [Parameter, EditorRequired]
    public long To { get; set; }

    [Parameter]
    public string Unit { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    private IEnumerable<ChartMark> ShownMarks => Marks.Where(mark => mark.Intervals.Any(IsShown));

    protected override void OnParametersSet()
    {
        _values.Clear();
        _times.Clear();
        _dots.Clear();
        if (Points.Count == 0)
        {
            return;
        }

        var (first, last) = (Points[0].Start, Points[^1].End);
        var isFilled = last - first >= (To - From) * LeastFilled;
        var (begin, end) = isFilled ? (Math.Min(From, first), Math.Max(To, last)) : (first, last);
        var (min, max) = (Points.Min(point => point.Min), Points.Max(point => point.Max));
        _x = new(begin, end, 0, Width);
        _y = Scale.Around(min, max, Height, 0);
        _summary = $"{Label}: {DisplayFormat.Plural(Points.Count, "window")} "
            + $"from {DisplayFormat.Time(first)} to {DisplayFormat.Time(last)} UTC, "
            + $"minimum {WithUnit($"{min:0.##}")}, maximum {WithUnit($"{max:0.##}")}";
        _values.AddRange(_y.Ticks().Select(value => (value, WithUnit($"{value:0.####}"))));
        _times.AddRange(TimeAxis.Ticks(begin, end).Where(time => X(time.At) is > Width * 0.02 and < Width * 0.97));
        _bands = [.. Band.Of(Points, _x, _y)];
        _percentiles = [.. Band.OfPercentiles(Points, _x, _y)];
        if (Points.Count <= MaxDots)
        {
            _dots.AddRange(Points.Select(point => new SvgPath().Dot((X(point.Start) + X(point.End)) / 2, _y.At(point.Mean)).ToString()));
        }
    }

    private double X(long at) => Math.Clamp(_x.At(at), 0, Width);

    private double WidthOf(long start, long end, double least) => Math.Max(least, X(end) - X(start));

    private bool IsShown((long Start, long End) span) => span.End >= _x.Low && span.Start <= _x.High;

    /// <summary>The intervals of an alert, each of them at least 2 units wide.</summary>
    private string Shade(ChartMark mark)
    {
        var path = new SvgPath();
        foreach (var (start, end) in mark.Intervals.Where(IsShown))
        {
            path.Rectangle(X(start), WidthOf(start, end, least: 2), 0, Height);
        }

        return path.ToString();
    }

    private string Describe(ChartPoint point) =>
        $"""
        {DisplayFormat.Time(point.Start)} UTC
        mean {WithUnit($"{point.Mean:0.00}")}
        {WithUnit($"{point.Min:0.00}")} to {WithUnit($"{point.Max:0.00}")}{Describe(point.Percentiles)}
        {DisplayFormat.Plural(point.Count, "reading")}{(point.IsFinal ? "" : ", provisional")}
        """;

    private string Describe(ChartPercentiles? percentiles) => percentiles is { } known
        ? $"\nmedian {WithUnit($"{known.P50:0.00}")}, 90 % from {WithUnit($"{known.P5:0.00}")} to {WithUnit($"{known.P95:0.00}")}"
        : "";

    private string WithUnit(FormattableString number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return Unit.Length > 0 ? $"{text} {Unit}" : text;
    }

    private static string Text(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Share(double part) => string.Create(CultureInfo.InvariantCulture, $"{100 * part:0.##}%");
}
