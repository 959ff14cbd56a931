using System.Text.Json;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Text;

namespace GrainSensors.Web.Yaml;

/// <summary>Alert rules as YAML, a document each.</summary>
internal static class RuleYaml
{
    /// <returns>The rules as the API takes them, each with its id.</returns>
    /// <exception cref="DocumentException">The text is not valid YAML, has no rules, or a rule has no id.</exception>
    public static IReadOnlyList<(string Id, JsonElement Json)> Read(TextReader reader)
    {
        var rules = YamlDocuments.Read(reader, YamlScalars.Typed).Select((document, index) => (IdOf(document, index + 1), document.Json))
            .ToList();
        return rules.GroupBy(rule => rule.Item1).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? throw new DocumentException($"the rule \"{PrintableText.Escape(twice.Key, 100)}\" is there twice; keep one.")
            : rules.Count > 0 ? rules
            : throw new DocumentException("the text has no rules.");
    }

    /// <param name="document">The JSON of the rule, with or without its id.</param>
    public static string Of(string id, JsonElement document)
    {
        var members = document.ValueKind == JsonValueKind.Object ? document.EnumerateObject().Where(member => member.Name != "id") : [];
        var all = members.Select(member => KeyValuePair.Create(member.Name, member.Value))
            .Prepend(KeyValuePair.Create("id", JsonSerializer.SerializeToElement(id)));
        return YamlText.Of(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>(all)));
    }

    private static string IdOf(YamlDocument document, int number) =>
        document.Json.ValueKind == JsonValueKind.Object && document.Json.TryGetProperty("id", out var id)
            && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } text
            ? text
            : throw new DocumentException(
                $"a rule must be an object with an id; the id is {AlertRule.IdForm} (document {number}).", document.Line);
}
