using System.Text.Json;

namespace SchemaRegistry.Serialization.Tests.Converters;

/// <summary>A form of JSON in which equal values are equal: members in order, of those that are repeated the last one.</summary>
internal static class JsonText
{
    public static string Normalize(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    private static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().GroupBy(member => member.Name)
            .OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => Member(member.Key, Of(member.Last().Value))))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Of))}]",
        JsonValueKind.String => Text(value.GetString()!),
        _ => value.GetRawText(),
    };

    public static string Member(string name, string value) => $"{Text(name)}:{value}";

    public static string Text(string text) => JsonSerializer.Serialize(text);
}
