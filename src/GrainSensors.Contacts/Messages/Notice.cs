using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Messages;

/// <summary>What a notification says of an alert. It is stored with the notification, so that each attempt sends the same.</summary>
public sealed record Notice
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public required NotificationEvent Event { get; init; }

    public required Guid AlertId { get; init; }

    /// <summary>How often the alert was raised.</summary>
    public required int Occurrence { get; init; }

    /// <summary>Id or name; null: the alert is about a group of sensors.</summary>
    public string? SensorId { get; init; }

    /// <summary>What the sensors of the alert have in common, such as <c>gateway=gw-7</c>; null: it is about one sensor.</summary>
    public IReadOnlyDictionary<string, string>? SensorGroup { get; init; }

    /// <summary>The name that people see.</summary>
    public string? DisplayName { get; init; }

    public string? City { get; init; }

    public string? Station { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Null: the alert concerns the sensor as a whole.</summary>
    public string? Measurement { get; init; }

    /// <summary>The name of the alert's kind, such as <c>disconnected</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of the rule as data; null: a built-in rule, or those of several alerts differ.</summary>
    public string? Rule { get; init; }

    /// <summary>The address of instructions that the rule gives.</summary>
    public string? Runbook { get; init; }

    /// <summary>The labels that the rule gives; null: none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>All labels of the alert, by which routes select it; null: the notice names several alerts, or none.</summary>
    public IReadOnlyDictionary<string, string>? AlertLabels { get; init; }

    /// <summary><c>ERROR</c> or <c>WARNING</c>.</summary>
    public required string Level { get; init; }

    public required string Message { get; init; }

    public required DateTime RaisedAt { get; init; }

    public DateTime? ClearedAt { get; init; }

    /// <summary>Null: a reading is missing.</summary>
    public double? Value { get; init; }

    /// <summary>The baseline of the sensor.</summary>
    public double? Expected { get; init; }

    /// <summary>The page of the sensor; null: the public address of the console is not configured.</summary>
    public string? Url { get; init; }

    /// <summary>
    /// The page that acknowledges the alerts; null: there is nothing to acknowledge, or the public address of the console is not
    /// configured. It is not stored.
    /// </summary>
    public string? AcknowledgeUrl { get; init; }

    /// <summary>Why the notice is sent although no alert has changed; null: alerts have changed.</summary>
    public NoticeOccasion? Occasion { get; init; }

    /// <summary>The group of the alerts; null: the notice is about one alert without a group.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>The labels that the alerts of the group share.</summary>
    public IReadOnlyDictionary<string, string>? GroupLabels { get; init; }

    /// <summary>The number of open alerts that the notice names; null: it names one alert.</summary>
    public int? OpenAlerts { get; init; }

    public int? ClearedAlerts { get; init; }

    /// <summary>The alerts, raised ones first; null: the notice names one alert.</summary>
    public IReadOnlyList<NoticeAlert>? Alerts { get; init; }

    /// <summary>What receivers keep open from the first notice to the last.</summary>
    [JsonIgnore]
    public Guid IncidentId => GroupId ?? AlertId;

    /// <summary>Of no alert: somebody tests a contact point.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    [JsonIgnore]
    public bool IsCleared => Event == NotificationEvent.Cleared;

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    public static Notice FromJson(string json) => JsonSerializer.Deserialize<Notice>(json, Options)!;

    /// <returns>The notice as an alert of a list.</returns>
    public NoticeAlert ToItem() => new(
        AlertId, SensorId, DisplayName, City, Station, Measurement, Kind, Level, Message, RaisedAt, ClearedAt, Value)
    {
        Occurrence = Occurrence,
        Runbook = Runbook,
        AlertLabels = AlertLabels,
    };

    /// <summary>The default format of webhooks: the notice with its idempotency key.</summary>
    public string ToJson(Guid key)
    {
        var members = JsonSerializer.SerializeToNode(this, Options)!.AsObject();
        members.Insert(0, "idempotency_key", key.ToString());
        return members.ToJsonString(Options);
    }
}

/// <summary>An alert among several.</summary>
/// <param name="SensorId">Null: it is about a group of sensors.</param>
/// <param name="ClearedAt">Null: it is open.</param>
public sealed record NoticeAlert(
    Guid AlertId, string? SensorId, string? DisplayName, string? City, string? Station, string? Measurement, string Kind, string Level,
    string Message, DateTime RaisedAt, DateTime? ClearedAt, double? Value)
{
    public int Occurrence { get; init; }

    public string? Runbook { get; init; }

    public IReadOnlyDictionary<string, string>? AlertLabels { get; init; }
}

/// <summary>Why a notice is sent although no alert has changed.</summary>
public enum NoticeOccasion
{
    /// <summary>Alerts are still open.</summary>
    Reminder,

    /// <summary>Nobody has acknowledged the alerts.</summary>
    Escalation,
}

/// <summary>A notice on its way to a contact point.</summary>
/// <param name="Key">The idempotency key, the same for each attempt.</param>
public sealed record Notification(Guid Key, Notice Notice);
