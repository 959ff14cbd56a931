using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Hosting.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace GrainSensors.Routes;

/// <summary>Routes as YAML. The silo checks the members; here they are texts, but for <c>continue</c>.</summary>
internal static class RouteFile
{
    /// <exception cref="UsageException">The file cannot be read, or is no YAML document.</exception>
    public static JsonNode Read(string path)
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

    /// <param name="path">For messages.</param>
    internal static JsonNode Parse(TextReader reader, string path)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? NodeOf(root)!
                : throw new UsageException($"{path} must have one document with the routes: contacts, group_by, routes and others.");
        }
        catch (YamlException e)
        {
            throw new UsageException($"{path}, line {e.Start.Line}: {e.Message}", e);
        }
    }

    /// <returns>The routes of the API as YAML.</returns>
    public static string ToYaml(JsonElement routes) => new SerializerBuilder().Build().Serialize(ValueOf(routes)!).TrimEnd();

    private static JsonNode? NodeOf(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(
            mapping.Children.Select(child => KeyValuePair.Create(KeyOf(child.Key), ValueOf(KeyOf(child.Key), child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(NodeOf)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new YamlException(node.Start, node.End, "The value must be a text, a list or a mapping."),
    };

    private static JsonNode? ValueOf(string key, YamlNode value) =>
        key == "continue" && bool.TryParse($"{value}", out var flag) ? flag : NodeOf(value);

    private static string KeyOf(YamlNode key) => (key as YamlScalarNode)?.Value ?? "";

    private static object? ValueOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(member => member.Name, member => ValueOf(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(ValueOf).ToList(),
        JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
        JsonValueKind.Null => null,
        _ => element.ToString(),
    };
}
