using System.Globalization;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>Measurements for people: the first column is a name, the others are numbers with their units.</summary>
internal static class TextTable
{
    private const int Gap = 2;

    /// <param name="rows">The first one has the heads.</param>
    public static void Print(IReadOnlyList<string[]> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Concat(row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column] + Gap))).TrimEnd());
        }
    }

    public static string Number(double number, string format = "N0") => number.ToString(format, CultureInfo.InvariantCulture);
}
