using Spectre.Console;
using Spectre.Console.Rendering;

namespace GrainSensors.Terminal;

/// <summary>
/// Lines that are never wrapped, so that one line is one row. A line that is too long for the screen ends in an ellipsis.
/// </summary>
internal sealed class ScreenLines : IRenderable
{
    private const string Ellipsis = "…";
    private readonly List<Segment[]> _lines = [];

    public int Count => _lines.Count;

    public void Add(params IEnumerable<(string Text, Style Style)> pieces) =>
        _lines.Add([.. pieces.Select(piece => new Segment(Printable(piece.Text), piece.Style))]);

    public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (var i = 0; i < _lines.Count; i++)
        {
            if (i > 0)
            {
                yield return Segment.LineBreak;
            }

            foreach (var segment in Fit(_lines[i], maxWidth))
            {
                yield return segment;
            }
        }
    }

    private static IReadOnlyList<Segment> Fit(Segment[] line, int width)
    {
        if (Segment.CellCount(line) <= width)
        {
            return line;
        }

        var fitting = new List<Segment>();
        var room = width - Ellipsis.Length;
        foreach (var segment in line)
        {
            if (segment.CellCount() > room)
            {
                if (room > 0 && Segment.Truncate(segment, room) is { } part)
                {
                    fitting.Add(part);
                }

                fitting.Add(new(Ellipsis, segment.Style));
                break;
            }

            fitting.Add(segment);
            room -= segment.CellCount();
        }

        return fitting;
    }

    /// <summary>Messages of servers may contain line breaks and escape sequences.</summary>
    private static string Printable(string text) =>
        text.Any(char.IsControl) ? new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]) : text;
}
