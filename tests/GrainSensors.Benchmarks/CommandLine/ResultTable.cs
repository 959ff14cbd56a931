using System.Globalization;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>Results as they come: a line each under a head for people, or at the end all of them as JSON for programs.</summary>
internal sealed class ResultTable<T>(Progress progress, bool json, params Column<T>[] columns)
{
    private readonly List<T> _rows = [];

    public IReadOnlyList<T> Rows => _rows;

    public void Add(T row)
    {
        if (_rows.Count == 0)
        {
            Write(Line(column => column.Head));
        }

        _rows.Add(row);
        Write(Line(column => column.Cell(row)));
    }

    /// <summary>A sentence, for people only.</summary>
    public void Say(FormattableString text) => Write(text.ToString(CultureInfo.InvariantCulture));

    /// <param name="measurements">What programs are told.</param>
    public void End(object measurements)
    {
        progress.Clear();
        if (json)
        {
            JsonText.Print(measurements);
        }
    }

    private void Write(string line)
    {
        if (!json)
        {
            progress.Clear();
            Console.WriteLine(line);
        }
    }

    private string Line(Func<Column<T>, string> text) =>
        string.Concat(columns.Select((column, number) =>
            number == 0 ? text(column).PadRight(column.Width) : text(column).PadLeft(column.Width))).TrimEnd();
}
