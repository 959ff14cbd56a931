using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Charts;

/// <summary>A small chart without axes: the latest values of a measurement or a rate.</summary>
public partial class Sparkline
{
    private const int Width = 120;
    private const int Height = 28;
    private const double Margin = 2;
    private string _line = "";
    private string _area = "";
    private string _label = "";

    /// <summary>The latest value is the last; NaN is a gap.</summary>
    [Parameter, EditorRequired]
    public float[] Values { get; set; } = [];

    /// <summary>Values that the width has room for. The latest is at the right, so a short history grows towards the left.</summary>
    [Parameter]
    public int Capacity { get; set; } = 60;

    [Parameter]
    public Kind Shape { get; set; }

    public enum Kind
    {
        Line,

        /// <summary>A line with the area below it filled.</summary>
        Area,

        /// <summary>An area above zero.</summary>
        Rate,
    }

    protected override void OnParametersSet()
    {
        (_line, _area, _label) = ("", "", "");
        var points = new List<(int Index, float Value)>(Values.Length);
        for (var i = 0; i < Values.Length; i++)
        {
            if (!float.IsNaN(Values[i]))
            {
                points.Add((i, Values[i]));
            }
        }

        if (points.Count > 0)
        {
            Draw(points);
        }
    }

    private void Draw(List<(int Index, float Value)> points)
    {
        var (low, high) = (points.Min(point => point.Value), points.Max(point => point.Value));
        _label = string.Create(CultureInfo.InvariantCulture, $"{low:0.##} to {high:0.##}");
        var x = new Scale(Values.Length - Capacity, Values.Length - 1, 0, Width);
        var y = new Scale(Shape == Kind.Rate ? 0 : low, high, Height - Margin, Margin);
        var (line, area) = (new SvgPath(), new SvgPath());
        foreach (var run in Runs.Of(points, (before, point) => before.Index + 1 == point.Index))
        {
            var (begin, end) = (run.Start.Value, run.End.Value);
            for (var i = begin; i < end; i++)
            {
                line.Add(i == begin, x.At(points[i].Index), y.At(points[i].Value));
                area.Add(i == begin, x.At(points[i].Index), y.At(points[i].Value));
            }

            area.LineTo(x.At(points[end - 1].Index), Height).LineTo(x.At(points[begin].Index), Height).Close();
        }

        (_line, _area) = (line.ToString(), Shape != Kind.Line ? area.ToString() : "");
    }
}
