using System.Text.Json;

namespace GrainSensors.Storage.Contacts;

/// <summary>The columns of a group in the order in which both stores read and write them.</summary>
internal static class AlertGroupColumns
{
    public const string Names =
        "group_id, group_key, route, labels, revision, messages, told, created_at, flushed_at, due_at, repeat_at, step, step_at, next_at, "
        + "closed_at";

    /// <summary>The columns that change.</summary>
    public const string Changes =
        "revision = excluded.revision, messages = excluded.messages, told = excluded.told, flushed_at = excluded.flushed_at, "
        + "due_at = excluded.due_at, repeat_at = excluded.repeat_at, step = excluded.step, step_at = excluded.step_at, "
        + "next_at = excluded.next_at, closed_at = excluded.closed_at";

    public static string Json(IReadOnlyDictionary<string, string> labels) => JsonSerializer.Serialize(labels);

    public static string Json(IReadOnlyList<string> contacts) => JsonSerializer.Serialize(contacts);

    public static IReadOnlyDictionary<string, string> Labels(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;

    public static IReadOnlyList<string> Contacts(string json) => JsonSerializer.Deserialize<List<string>>(json)!;
}
