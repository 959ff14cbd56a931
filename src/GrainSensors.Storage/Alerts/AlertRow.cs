using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Alerts;

/// <summary>The columns of <c>alerts</c> that both stores write as text.</summary>
internal static class AlertRow
{
    public static string? ToJson(SensorTags labels) =>
        labels.Count == 0 ? null : JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(labels);

    /// <returns>The column <c>sensor_group</c>, which is an object also if it is empty.</returns>
    public static string? GroupOf(SensorTags? group) =>
        group is null ? null : JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(group);

    /// <returns>The shard whose monitor watches the alert; -1 for one of a rule about several sensors.</returns>
    public static int ShardOf(Alert alert) =>
        alert.Kind is AlertKind.Group or AlertKind.Compare ? -1 : SensorShards.Of(alert.SensorId);

    public static SensorTags LabelsOf(string? json) =>
        json is null ? SensorTags.None : SensorTags.OfStored(JsonSerializer.Deserialize<Dictionary<string, string>>(json)!);
}
