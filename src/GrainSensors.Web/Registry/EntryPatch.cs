using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Text;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Registry;

/// <summary>
/// Changes an entry by the members of a JSON object: a member that is absent stays as it is, and null clears it. Tags are merged one
/// by one.
/// </summary>
internal static class EntryPatch
{
    private const string Members =
        "display_name, tags, city, station, latitude, longitude, time_zone, diff_temperature and overrides";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="mergesOverrides">Whether the members of overrides change those of the entry (RFC 7396), or replace them all.</param>
    /// <exception cref="FormatException">The JSON is not an entry; the message names the member.</exception>
    public static RegisteredSensor Apply(JsonElement patch, RegisteredSensor entry, bool mergesOverrides = false)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"An entry must be a JSON object with {Members}.");
        }

        try
        {
            return patch.EnumerateObject().Aggregate(entry, (changed, member) =>
                mergesOverrides && member is { Name: "overrides", Value.ValueKind: JsonValueKind.Object }
                    ? changed with { Overrides = Merged(changed.Overrides, member.Value) }
                    : Apply(changed, member));
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("An entry must have valid Unicode; a text has half of a surrogate pair.", e);
        }
    }

    private static RegisteredSensor Apply(RegisteredSensor entry, JsonProperty member) => member.Name switch
    {
        "sensor_id" => entry, // the address of the entry
        "display_name" => entry with { DisplayName = Text(member) },
        "tags" => entry with { Tags = Tags(member, entry.Tags) },
        "city" => entry with { City = Text(member) },
        "station" => entry with { Station = Text(member) },
        "latitude" => entry with { Latitude = Number(member) },
        "longitude" => entry with { Longitude = Number(member) },
        "time_zone" => entry with { TimeZone = Text(member) },
        "diff_temperature" => entry with { Offset = Number(member) ?? 0 },
        "overrides" => entry with { Overrides = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value.GetRawText() },
        _ => throw new FormatException($"\"{PrintableText.Escape(member.Name, 60)}\" is not a member of an entry; known are {Members}."),
    };

    private static string Merged(string? overrides, JsonElement patch)
    {
        var merged = new JsonObject();
        try
        {
            using var present = JsonDocument.Parse(overrides ?? "{}");
            Merge(merged, present.RootElement);
        }
        catch (JsonException)
        {
            // SQLite keeps what was written by hand; monitors use the general rules.
        }

        Merge(merged, patch);
        return merged.ToJsonString(Relaxed);
    }

    private static void Merge(JsonObject target, JsonElement patch)
    {
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                target.Remove(member.Name);
            }
            else if (member.Value.ValueKind == JsonValueKind.Object)
            {
                var inner = target[member.Name] as JsonObject ?? [];
                Merge(inner, member.Value);
                target[member.Name] = inner;
            }
            else
            {
                target[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }
    }

    private static SensorTags Tags(JsonProperty member, SensorTags tags)
    {
        if (member.Value.ValueKind == JsonValueKind.Null)
        {
            return SensorTags.None;
        }

        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(member, "an object such as {\"room\":\"kitchen\"}");
        }

        var merged = tags.ToDictionary();
        foreach (var tag in member.Value.EnumerateObject())
        {
            if (tag.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(tag.Name);
            }
            else
            {
                merged[tag.Name] = tag.Value.ValueKind == JsonValueKind.String
                    ? tag.Value.GetString()!
                    : throw Invalid(tag, "a text, or null to remove the tag");
            }
        }

        return SensorTags.Of(merged);
    }

    private static string? Text(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => member.Value.GetString()?.Trim() is { Length: > 0 } text ? text : null,
        _ => throw Invalid(member, "a text or null"),
    };

    private static double? Number(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number when member.Value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        _ => throw Invalid(member, "a number or null"),
    };

    private static FormatException Invalid(JsonProperty member, string expected) => new(
        $"{PrintableText.Escape(member.Name, 60)} must be {expected}; got {PrintableText.Escape(member.Value.GetRawText(), 60)}.");
}
