using System.Globalization;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation;

/// <summary>The statement of the windows of a request.</summary>
public static class RequestedWindows
{
    /// <param name="discovered">
    /// Whether to recompute measurements that are not declared: the table <c>others</c> has one row for each of their values.
    /// </param>
    public static string Statement(ReconciliationRequest request, bool discovered = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        var declared = request.Measurements.Select((measurement, index) => Of(measurement.Name, index));
        var others = request.Discovered.Take(discovered ? int.MaxValue : 0)
            .Select((measurement, index) => Of(measurement.Name, index, Others(index)));
        return string.Join("\nUNION ALL\n", declared.Concat(others));

        string Of(string measurement, int index, string table = "readings") => WindowsStatement.For(
            request.Period.TotalMicros, request.From, request.To, measurement, index, request.DeduplicateResolution, table);
    }

    private static string Others(int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"(SELECT sensor_id, event_time, value AS {WindowsStatement.Column(index)} FROM others WHERE measurement = {index}) AS of_{index}");
}
