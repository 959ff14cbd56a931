using System.Text.Json;

namespace GrainSensors.Web.Yaml;

/// <summary>Routes as YAML. Their members are texts, but for <c>continue</c>; <c>RouteDocument</c> checks them.</summary>
internal static class RoutesYaml
{
    /// <exception cref="DocumentException">The text is not valid YAML, or not one document with an object.</exception>
    public static JsonElement Read(TextReader reader) =>
        YamlDocuments.Read(reader, YamlScalars.Texts("continue")) is [{ Json: { ValueKind: JsonValueKind.Object } json }]
            ? json
            : throw new DocumentException("there must be one document with the routes: contacts, group_by, routes and others.");

    public static string Of(JsonElement routes) => YamlText.Of(routes);
}
