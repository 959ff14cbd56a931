using System.Text.Json;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Alerts;

/// <summary>The columns of <c>alerts</c> that both stores write as text.</summary>
internal static class AlertRow
{
    public static string? ToJson(SensorTags labels) =>
        labels.Count == 0 ? null : JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(labels);

    public static SensorTags LabelsOf(string? json) =>
        json is null ? SensorTags.None : SensorTags.OfStored(JsonSerializer.Deserialize<Dictionary<string, string>>(json)!);
}
