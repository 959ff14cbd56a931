using System.Globalization;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation;

/// <summary>The statements of the windows of a request, and of their values.</summary>
public static class RequestedWindows
{
    /// <param name="discovered">
    /// Whether to recompute measurements that are not declared: the table <c>others</c> has one row for each of their values.
    /// </param>
    public static string Statement(ReconciliationRequest request, bool discovered = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Union(Measured(request, discovered).Select(measured => WindowsStatement.For(
            request.Period.TotalMicros, request.From, request.To, measured.Name, measured.Index, request.DeduplicateResolution,
            measured.Table)));
    }

    /// <summary>The values that count: sensor, position of the measurement in the list, start of the window, time, value.</summary>
    /// <param name="measurements">The names of the measurements. At least one is declared or discovered.</param>
    internal static string ValuesStatement(ReconciliationRequest request, IReadOnlyList<string> measurements)
    {
        var positions = measurements.Index().ToDictionary(measurement => measurement.Item, measurement => measurement.Index);
        return Union(Measured(request, discovered: true).Where(measured => positions.ContainsKey(measured.Name)).Select(measured =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT sensor_id, {positions[measured.Name]} AS position, window_start, event_time, value "
                + $"FROM ({Values(measured)}) AS counted")));

        string Values((string Name, int Index, string Table) measured) => WindowsStatement.ValuesOf(
            request.Period.TotalMicros, request.From, request.To, measured.Index, request.DeduplicateResolution, measured.Table);
    }

    /// <returns>The measurements, and the column and table of their values.</returns>
    private static IEnumerable<(string Name, int Index, string Table)> Measured(ReconciliationRequest request, bool discovered) => request
        .Measurements.Select((measurement, index) => (measurement.Name, index, "readings"))
        .Concat(request.Discovered.Take(discovered ? int.MaxValue : 0)
            .Select((measurement, index) => (measurement.Name, index, Others(index))));

    private static string Union(IEnumerable<string> statements) => string.Join("\nUNION ALL\n", statements);

    private static string Others(int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"(SELECT sensor_id, event_time, value AS {WindowsStatement.Column(index)} FROM others WHERE measurement = {index}) AS of_{index}");
}
