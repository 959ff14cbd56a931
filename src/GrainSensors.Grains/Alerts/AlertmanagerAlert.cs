using System.Text.Json.Serialization;

namespace GrainSensors.Grains.Alerts;

/// <summary>An alert of Alertmanager's v2 API, which identifies it by its labels.</summary>
/// <param name="StartsAt">ISO 8601.</param>
/// <param name="EndsAt">ISO 8601. Null: the alert ends some minutes after it was posted for the last time.</param>
public sealed record AlertmanagerAlert(
    [property: JsonPropertyName("labels")] IReadOnlyDictionary<string, string> Labels,
    [property: JsonPropertyName("annotations")] IReadOnlyDictionary<string, string> Annotations,
    [property: JsonPropertyName("startsAt")] string StartsAt,
    [property: JsonPropertyName("endsAt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EndsAt)
{
    public const string JobLabel = "job";
    public const string Job = "grainsensors";

    public const string Summary = "summary";
    public const string AlertId = "alert_id";
    public const string Occurrences = "occurrences";
    public const string AcknowledgedBy = "acknowledged_by";
    public const string RunbookUrl = "runbook_url";

    /// <summary>The page of the alert; null: none.</summary>
    [JsonPropertyName("generatorURL"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GeneratorUrl { get; init; }
}
