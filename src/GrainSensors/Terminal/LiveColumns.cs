using System.Globalization;
using GrainSensors.Core.Text;

namespace GrainSensors.Terminal;

/// <summary>The columns of the live table. On a narrow screen the less important columns are left out.</summary>
internal sealed class LiveColumns
{
    private const string None = "–";
    private const int Gap = 2;

    /// <summary>Width of a name; longer ones are cut.</summary>
    private const int MaxName = 16;

    private readonly List<Column> _columns;

    public LiveColumns(LiveSnapshot snapshot, IReadOnlyList<SensorRow> rows, int width)
    {
        var measurements = snapshot.Measurements;
        _columns = [new("sensor", 6, 0, row => PrintableText.Escape($"{row.Sensor}", MaxName))];
        for (var i = 0; i < measurements.Count; i++)
        {
            var index = i;
            _columns.Add(new(measurements[i], 7, i == 0 ? 1 : 7, row => Number(row.Values[index])));
        }

        _columns.AddRange(
        [
            new("age", 4, 2, row => Age(row.Age)),
            new("window", 11, 8, row => row.Window is { } window ? Span(window) : None),
            new("count", 6, 4, row => row.Window?.Count.ToString(CultureInfo.InvariantCulture) ?? None),
            new("mean", 7, 3, row => Number(row.Window?.Mean)),
            new("min", 7, 6, row => Number(row.Window?.Min)),
            new("max", 7, 5, row => Number(row.Window?.Max)),
        ]);
        foreach (var column in _columns)
        {
            column.Width = rows.Select(row => column.Cell(row).Length).Append(column.Name.Length).Append(column.Width).Max();
        }

        while (_columns.Count > 1 && Width + Gap + StateWidth > width)
        {
            _columns.Remove(_columns.MaxBy(column => column.Rank)!);
        }
    }

    /// <summary>The state is the last column and is drawn apart, because it has a colour.</summary>
    private static int StateWidth { get; } = Enum.GetNames<SensorState>().Max(name => name.Length);

    private int Width => _columns.Sum(column => column.Width) + ((_columns.Count - 1) * Gap);

    public string Header => Join(column => column.Name) + "  state";

    /// <returns>The row without its state.</returns>
    public string Row(SensorRow row) => Join(column => column.Cell(row)) + "  ";

    /// <returns><c>4 s</c>, <c>12 m</c>, <c>3 h</c>, <c>9 d</c>.</returns>
    public static string Age(TimeSpan? age) => age switch
    {
        null => None,
        { TotalSeconds: < 0 } => "0 s",
        { TotalSeconds: < 60 } a => $"{(int)a.TotalSeconds} s",
        { TotalMinutes: < 60 } a => $"{(int)a.TotalMinutes} m",
        { TotalHours: < 24 } a => $"{(int)a.TotalHours} h",
        { } a => $"{(int)a.TotalDays} d",
    };

    private string Join(Func<Column, string> cell) =>
        string.Join(new string(' ', Gap), _columns.Select(column => cell(column).PadLeft(column.Width)));

    private static string Number(double? value) =>
        value is { } number && !double.IsNaN(number) ? number.ToString("0.00", CultureInfo.InvariantCulture) : None;

    private static string Span(WindowSoFar window)
    {
        var length = window.End - window.Start;
        var format = length >= TimeSpan.FromDays(1) ? "MM-dd" : length.Ticks % TimeSpan.TicksPerMinute == 0 ? "HH:mm" : "HH:mm:ss";
        return $"{window.Start.ToString(format, CultureInfo.InvariantCulture)}–{window.End.ToString(format, CultureInfo.InvariantCulture)}";
    }

    /// <summary>A column.</summary>
    /// <param name="Least">Minimum width in characters.</param>
    /// <param name="Rank">The column with the greatest rank is left out first.</param>
    private sealed record Column(string Name, int Least, int Rank, Func<SensorRow, string> Cell)
    {
        public int Width { get; set; } = Least;
    }
}
