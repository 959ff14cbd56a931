using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Postgres;

/// <summary>The measurements of many windows as columns, those of one window after those of the other.</summary>
internal sealed class MeasuredColumns
{
    private readonly IReadOnlyList<MeasuredStatistics>[] _windows;

    /// <summary>Count, mean, m2, min, max and the value of the latest reading. An older release wrote the first five.</summary>
    public const int Width = 6;

    /// <summary>In <c>merged_windows</c> the time and the value of the first value and of the last one follow; NaN: not known.</summary>
    public const int MergedWidth = 10;

    /// <param name="width"><see cref="Width"/> or <see cref="MergedWidth"/>.</param>
    public MeasuredColumns(IReadOnlyList<MeasuredStatistics>[] windows, int width = Width)
    {
        _windows = windows;
        var total = windows.Sum(window => window.Count);
        (Names, Statistics) = (new string[total], new double[total, width]);
        (First, Last, HasSketches) = (new int[windows.Length], new int[windows.Length], new bool[windows.Length]);
        var at = 0;
        for (var i = 0; i < windows.Length; i++)
        {
            First[i] = at + 1;
            foreach (var measured in windows[i])
            {
                HasSketches[i] |= measured.Sketch is not null;
                Set(at++, measured, total);
            }

            Last[i] = at;
        }
    }

    public string[] Names { get; }

    public double[,] Statistics { get; }

    /// <summary>Null: no measurement has steps.</summary>
    public byte[]?[]? Steps { get; private set; }

    /// <summary>The position of the first measurement of each window, from 1.</summary>
    public int[] First { get; }

    /// <summary>The position of the last measurement of each window, from 1.</summary>
    public int[] Last { get; }

    /// <summary>Whether a measurement of the window has a sketch.</summary>
    public bool[] HasSketches { get; }

    /// <returns>The sketches of the measurements; null: it has none.</returns>
    public byte[]?[] Sketches() => [.. _windows.SelectMany(window => window, (_, measured) => measured.Sketch?.ToBytes())];

    private void Set(int at, in MeasuredStatistics measured, int total)
    {
        var s = measured.Statistics;
        (Names[at], Statistics[at, 0], Statistics[at, 1]) = (measured.Measurement, s.Count, s.Mean);
        (Statistics[at, 2], Statistics[at, 3], Statistics[at, 4]) = (s.M2, s.Min, s.Max);
        Statistics[at, 5] = measured.Last;
        if (Statistics.GetLength(1) == MergedWidth)
        {
            var edges = measured.Edges ?? new(0, double.NaN, 0, double.NaN);
            (Statistics[at, 6], Statistics[at, 7], Statistics[at, 8], Statistics[at, 9]) =
                (edges.FirstAt, edges.First, edges.LastAt, edges.Last);
        }

        if (measured.Steps is { } steps)
        {
            (Steps ??= new byte[]?[total])[at] = steps.ToBytes();
        }
    }
}
