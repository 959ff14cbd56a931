using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Web.Console.Parts;

/// <summary>Links to the page of silences with the matchers of an alert.</summary>
internal static class SilenceLink
{
    public static string To(Alert alert) => $"silences?{string.Join('&', Matchers(alert).Select(m => $"match={Uri.EscapeDataString(m)}"))}";

    private static IEnumerable<string> Matchers(Alert alert)
    {
        foreach (var (label, value) in alert.Group ?? SensorTags.OfStored([new(AlertLabels.Sensor, $"{alert.Sensor}")]))
        {
            yield return Equal(label, value);
        }

        yield return Equal(AlertLabels.Rule, alert.Rule);
        if (alert.Measurement.Length > 0)
        {
            yield return Equal(AlertLabels.Measurement, alert.Measurement);
        }
    }

    private static string Equal(string label, string value) => $"{label}=\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
