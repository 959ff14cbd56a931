using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Charts;

/// <summary>The data of an SVG path, in tenths of a unit: a pixel is never finer.</summary>
internal sealed class SvgPath
{
    private readonly StringBuilder _data = new();

    public SvgPath MoveTo(double x, double y)
    {
        _data.Append(CultureInfo.InvariantCulture, $"M{x:0.#} {y:0.#}");
        return this;
    }

    public SvgPath LineTo(double x, double y)
    {
        _data.Append(CultureInfo.InvariantCulture, $"L{x:0.#} {y:0.#}");
        return this;
    }

    /// <summary>Begins with <see cref="MoveTo"/> at the first point of a line and continues with <see cref="LineTo"/>.</summary>
    public SvgPath Add(bool isFirst, double x, double y) => isFirst ? MoveTo(x, y) : LineTo(x, y);

    public SvgPath Close()
    {
        _data.Append('Z');
        return this;
    }

    /// <summary>A line of no length: a dot as wide as the stroke, where its ends are round.</summary>
    public SvgPath Dot(double x, double y)
    {
        MoveTo(x, y);
        _data.Append("h0");
        return this;
    }

    /// <summary>A rectangle from the top of the chart to a height.</summary>
    public SvgPath Rectangle(double x, double width, double top, double bottom) =>
        MoveTo(x, top).LineTo(x + width, top).LineTo(x + width, bottom).LineTo(x, bottom).Close();

    public override string ToString() => _data.ToString();
}
