using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Hosting.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace GrainSensors.RuleFiles;

/// <summary>A YAML file of alert rules, a document each.</summary>
internal static class RuleFile
{
    private static readonly IDeserializer Yaml =
        new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build();

    /// <returns>The rules as the API takes them, each with its id.</returns>
    /// <exception cref="UsageException">The file cannot be read, or a rule has no id; the message has the line or the document.</exception>
    public static IReadOnlyList<(string Id, JsonElement Json)> Read(string path)
    {
        try
        {
            using var reader = path == "-" ? Console.In : File.OpenText(path);
            return Parse(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Checks rules that this program applies itself.</summary>
    /// <param name="path">For messages.</param>
    /// <exception cref="UsageException">A rule is invalid.</exception>
    public static IReadOnlyList<AlertRule> Check(
        IReadOnlyList<(string Id, JsonElement Json)> rules, string path, MeasurementSet measurements) =>
    [
        .. rules.Select(rule =>
        {
            try
            {
                return RuleBook.Check(rule.Json, measurements);
            }
            catch (FormatException e)
            {
                throw new UsageException($"{path}, rule {rule.Id}: {e.Message}", e);
            }
        }),
    ];

    /// <param name="path">For messages.</param>
    internal static IReadOnlyList<(string Id, JsonElement Json)> Parse(TextReader reader, string path)
    {
        var rules = new List<(string Id, JsonElement Json)>();
        var parser = new Parser(reader);
        try
        {
            parser.Consume<YamlDotNet.Core.Events.StreamStart>();
            while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
            {
                var json = JsonSerializer.SerializeToElement(ToJson(Yaml.Deserialize<object?>(parser)));
                rules.Add((IdOf(json, $"{path}, document {rules.Count + 1}"), json));
            }
        }
        catch (YamlException e)
        {
            throw new UsageException($"{path}, line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }

        if (rules.GroupBy(rule => rule.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new UsageException($"{path}: the rule \"{twice.Key}\" is there twice; keep one.");
        }

        return rules.Count > 0 ? rules : throw new UsageException($"{path} has no rules.");
    }

    private static string IdOf(JsonElement json, string where) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
            && id.GetString() is { Length: > 0 } text
            ? text
            : throw new UsageException($"{where}: a rule must be an object with an id; the id is {AlertRule.IdForm}.");

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        Dictionary<object, object?> members => new JsonObject(members.Select(
            member => KeyValuePair.Create(Convert.ToString(member.Key, CultureInfo.InvariantCulture) ?? "", ToJson(member.Value)))),
        IEnumerable<object?> items => new JsonArray([.. items.Select(ToJson)]),
        double number when !double.IsFinite(number) => JsonValue.Create(number.ToString(CultureInfo.InvariantCulture)),
        float number => JsonValue.Create(double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        _ => JsonSerializer.SerializeToNode(value, value.GetType()),
    };
}
