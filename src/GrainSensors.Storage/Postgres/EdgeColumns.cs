using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The edges of the measurements of many windows as columns, in the order of <see cref="MeasuredColumns"/>.</summary>
internal sealed class EdgeColumns
{
    /// <summary>The columns in the order of <see cref="Read"/>, of the table <c>windows</c> as w.</summary>
    public const string Columns = "CASE WHEN w.edges_token = w.token THEN w.edges END, w.edge_times";

    /// <summary>
    /// The last values, then the first ones; NaN: not known. First values mostly stay, and PostgreSQL does not log the end of a row that
    /// stays.
    /// </summary>
    private readonly double[,] _values;

    /// <summary>µs since the epoch.</summary>
    private readonly long[,] _times;

    /// <summary>The number of rows of times of each window: one if its measurements share them; 0: no edges are known.</summary>
    private readonly int[] _rows;

    public EdgeColumns(IReadOnlyList<MeasuredStatistics>[] windows)
    {
        var total = windows.Sum(window => window.Count);
        (_values, _times, _rows) = (new double[2, total], new long[total, 2], new int[windows.Length]);
        var at = 0;
        for (var i = 0; i < windows.Length; i++)
        {
            _rows[i] = Add(windows[i], at);
            at += windows[i].Count;
        }
    }

    /// <summary>Adds the values, their times, and the number of rows of times of each window.</summary>
    public NpgsqlParameterCollection AddTo(NpgsqlParameterCollection parameters) => parameters
        .Add(NpgsqlDbType.Array | NpgsqlDbType.Double, _values)
        .Add(NpgsqlDbType.Array | NpgsqlDbType.Bigint, _times)
        .AddArray(NpgsqlDbType.Integer, _rows);

    /// <param name="column">The first of <see cref="Columns"/>.</param>
    public static void Read(NpgsqlDataReader reader, int column, MeasuredStatistics[] measured)
    {
        if (measured.Length == 0 || reader.IsDBNull(column))
        {
            return;
        }

        var (values, times) = (reader.GetFieldValue<double[,]>(column), reader.GetFieldValue<long[,]>(column + 1));
        for (var i = 0; i < measured.Length; i++)
        {
            var at = Math.Min(i, times.GetLength(0) - 1);
            measured[i] = measured[i] with { Edges = Of(times[at, 0], values[1, i], times[at, 1], values[0, i]) };
        }
    }

    /// <returns>Null: the values are NaN, since they are not known.</returns>
    public static EdgeValues? Of(double firstAt, double first, double lastAt, double last) =>
        double.IsNaN(first) ? null : new((long)firstAt, first, (long)lastAt, last);

    /// <returns>The number of rows of times.</returns>
    private int Add(IReadOnlyList<MeasuredStatistics> measurements, int at)
    {
        var (shared, rows) = (default(EdgeValues?), 1);
        for (var i = 0; i < measurements.Count; i++)
        {
            (_values[0, at + i], _values[1, at + i]) = (double.NaN, double.NaN);
            if (measurements[i].Edges is { } edges)
            {
                (_values[0, at + i], _values[1, at + i]) = (edges.Last, edges.First);
                (_times[at + i, 0], _times[at + i, 1]) = (edges.FirstAt, edges.LastAt);
                shared ??= edges;
                rows = (shared.Value.FirstAt, shared.Value.LastAt) == (edges.FirstAt, edges.LastAt) ? rows : measurements.Count;
            }
        }

        if (shared is { } times && rows == 1)
        {
            (_times[at, 0], _times[at, 1]) = (times.FirstAt, times.LastAt);
        }

        return shared is null ? 0 : rows;
    }
}
