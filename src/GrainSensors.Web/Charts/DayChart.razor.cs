using System.Globalization;
using GrainSensors.Core.Windows;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Charts;

/// <summary>One day of one measurement as an SVG that needs no script and no other file.</summary>
public partial class DayChart
{
    private const int Width = 720;
    private const int Height = 170;
    private const int Left = 46;
    private const int Right = 8;
    private const int Top = 10;
    private const int Bottom = 22;

    private Scale _x;
    private Scale _y;

    /// <summary>The windows of the day, at least one.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartPoint> Points { get; set; } = [];

    /// <summary>Alerts, shaded while they were open on the day and marked at the raising if it is on the day.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    [Parameter, EditorRequired]
    public LocalDay Day { get; set; } = null!;

    /// <summary>Colour of line and band, as CSS has it.</summary>
    [Parameter, EditorRequired]
    public string Color { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    protected override void OnParametersSet()
    {
        _x = new(Day.From, Day.To, Left, Width - Right);
        _y = Scale.Around(Points.Min(point => point.Min), Points.Max(point => point.Max), Height - Bottom, Top);
    }

    private string Shade(ChartMark mark)
    {
        var path = new SvgPath();
        foreach (var (start, end) in mark.Intervals.Where(span => span.End > Day.From && span.Start < Day.To))
        {
            var (left, right) = (_x.At(Math.Max(start, Day.From)), _x.At(Math.Min(end, Day.To)));
            path.Rectangle(left, Math.Max(1, right - left), Top, Height - Bottom);
        }

        return path.ToString();
    }

    private static string Text(double number, string format = "0.#") => number.ToString(format, CultureInfo.InvariantCulture);
}
