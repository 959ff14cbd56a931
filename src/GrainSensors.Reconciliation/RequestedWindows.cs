using System.Globalization;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation;

/// <summary>The statements of the windows of a request, and of their values.</summary>
public static class RequestedWindows
{
    private delegate string Definition(long periodMicros, long from, long to, string measurement, int index, long? step, string table);

    /// <param name="discovered">
    /// Whether to recompute measurements that are not declared: the table <c>others</c> has one row for each of their values.
    /// </param>
    /// <returns>Has percentiles of measurements with sketches if there are any.</returns>
    public static string Statement(ReconciliationRequest request, bool discovered = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        var measurements = MeasuredIn(request, discovered).ToList();
        var windows = Union(measurements.Select(measured => Fill(WindowsStatement.For, measured)));
        var sketched = measurements.FindAll(measured => measured.HasSketch);
        return sketched.Count == 0 ? windows : $"""
            SELECT w.*, {RecomputedWindow.PercentileColumns} FROM (
            {windows}
            ) AS w
            LEFT JOIN (
            {Union(sketched.Select(measured => Fill(WindowsStatement.PercentilesOf, measured)))}
            ) AS p ON p.sensor_id = w.sensor_id AND p.metric = w.metric AND p.window_start = w.window_start
            """;

        string Fill(Definition definition, Measured measured) => definition(
            request.Period.TotalMicros, request.From, request.To, measured.Name, measured.Index, request.DeduplicateResolution,
            measured.Table);
    }

    /// <summary>The values that count: sensor, position of the measurement in the list, start of the window, time, value.</summary>
    /// <param name="measurements">The names of the measurements. At least one is declared or discovered.</param>
    internal static string ValuesStatement(ReconciliationRequest request, IReadOnlyList<string> measurements)
    {
        var positions = measurements.Index().ToDictionary(measurement => measurement.Item, measurement => measurement.Index);
        return Union(MeasuredIn(request, discovered: true).Where(measured => positions.ContainsKey(measured.Name)).Select(measured =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT sensor_id, {positions[measured.Name]} AS position, window_start, event_time, value "
                + $"FROM ({Values(measured)}) AS counted")));

        string Values(Measured measured) => WindowsStatement.ValuesOf(
            request.Period.TotalMicros, request.From, request.To, measured.Index, request.DeduplicateResolution, measured.Table);
    }

    private static IEnumerable<Measured> MeasuredIn(ReconciliationRequest request, bool discovered) => request
        .Measurements.Select((measurement, index) => new Measured(measurement.Name, index, "readings", measurement.HasSketch))
        .Concat(request.Discovered.Take(discovered ? int.MaxValue : 0)
            .Select((measurement, index) => new Measured(measurement.Name, index, Others(index), request.Discovery.HasSketches)));

    private static string Union(IEnumerable<string> statements) => string.Join("\nUNION ALL\n", statements);

    private static string Others(int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"(SELECT sensor_id, event_time, value AS {WindowsStatement.Column(index)} FROM others WHERE measurement = {index}) AS of_{index}");

    /// <param name="Index">Its place among those that are declared, or that are not: it names the column of the values.</param>
    /// <param name="Table">The table of the values.</param>
    private readonly record struct Measured(string Name, int Index, string Table, bool HasSketch);
}
