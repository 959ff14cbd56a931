using System.Globalization;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>
/// Draws a snapshot for a screen of a given size. Only problems are wrapped, because the end of an error names the cause. The table
/// never exceeds the screen.
/// </summary>
internal static class LiveTable
{
    private const int MaxProblemLines = 4;
    private const int MaxLogLines = 3;

    /// <summary>The header, problems, log lines, a blank line, the column titles, and the number of hidden sensors.</summary>
    private const int MaxOtherLines = 3 + MaxProblemLines + MaxLogLines + 3;

    private static readonly Style Plain = Style.Plain;
    private static readonly Style Title = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Doubtful = new(Color.Yellow);
    private static readonly Style Bad = new(Color.Red);

    /// <summary>The number of sensors that always have a row, regardless of the other lines on the screen.</summary>
    public static int RowsInAnyCase(int height) => Math.Max(1, height - MaxOtherLines);

    public static ScreenLines Draw(LiveSnapshot snapshot, int width, int height)
    {
        var lines = new ScreenLines();
        AddHeader(lines, snapshot);
        foreach (var line in snapshot.Problems.SelectMany(problem => Wrap(problem, width)).Take(MaxProblemLines))
        {
            lines.Add((line, Bad));
        }

        foreach (var entry in snapshot.Log.TakeLast(MaxLogLines))
        {
            var style = entry.Level >= LogLevel.Error ? Bad : entry.Level >= LogLevel.Warning ? Doubtful : Faint;
            lines.Add((string.Create(CultureInfo.InvariantCulture, $"{entry.At:HH:mm:ss} {entry.Text}"), style));
        }

        AddSensors(lines, snapshot, width, height - lines.Count);
        return lines;
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            end = end > 0 ? end : width;
            yield return text[..end];
            text = text[end..].TrimStart();
        }

        yield return text;
    }

    private static void AddHeader(ScreenLines lines, LiveSnapshot snapshot)
    {
        var totals = snapshot.Totals;
        lines.Add((string.Create(CultureInfo.InvariantCulture, $"{snapshot.Now:HH:mm:ss} UTC  {snapshot.Where}"), Title));
        var checkpoint = snapshot.CheckpointAge is { } age ? $"checkpoint {LiveColumns.Age(age)} ago" : "no checkpoint yet";
        lines.Add(
            (string.Create(CultureInfo.InvariantCulture, $"{snapshot.Rate:N0} readings/s, lag {snapshot.Lag:N0}, {checkpoint}"), Plain),
            ($", {Plural.Of(totals.Readings, "reading")}, {Plural.Of(snapshot.OpenWindows, "window")} open", Plain),
            Always(totals.Closed, "closed"));
        var counts = snapshot.Counts;
        lines.Add(
            (Plural.Of(counts.Total, "sensor"), Plain),
            Count(counts.Disconnected, "disconnected", Bad),
            Count(counts.Silent, "silent", Bad),
            Count(totals.Late, "late", Plain),
            Count(totals.Rejected, $"rejected: {totals.Rejects}", Bad),
            Count(totals.Missed, "missed", Bad));
    }

    private static (string Text, Style Style) Count(long count, string what, Style style) =>
        count == 0 ? ("", Plain) : (Always(count, what).Text, style);

    private static (string Text, Style Style) Always(long count, string what) =>
        (string.Create(CultureInfo.InvariantCulture, $", {count:N0} {what}"), Plain);

    private static void AddSensors(ScreenLines lines, LiveSnapshot snapshot, int width, int height)
    {
        if (height < 3)
        {
            return;
        }

        // One line has the titles, and one the number of hidden sensors. A blank line is added if it hides no sensor, or one of many.
        var room = height - 1;
        if (room != snapshot.Counts.Total && (room > snapshot.Counts.Total || room > 10))
        {
            lines.Add();
            room--;
        }

        var rows = snapshot.Rows.Take(snapshot.Counts.Total > room ? room - 1 : room).ToList();
        var columns = new LiveColumns(snapshot, rows, width);
        lines.Add((columns.Header, Faint));
        foreach (var row in rows)
        {
            var isBad = row.State is SensorState.Disconnected or SensorState.Silent;
            var style = isBad ? Bad : row.State == SensorState.Ok ? Good : Faint;
            lines.Add((columns.Row(row), isBad ? Bad : Plain), (row.State.ToString().ToLowerInvariant(), style));
        }

        if (snapshot.Counts.Total - rows.Count is > 0 and var more)
        {
            lines.Add((string.Create(CultureInfo.InvariantCulture, $"… and {more:N0} more"), Faint));
        }
    }
}
