using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.SchemaRegistry;
using Json.Schema;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization.Internals.JsonData;

/// <summary>A JSON schema of the registry, with the schemas that it refers to.</summary>
internal sealed class JsonDocumentSchema
{
    /// <summary>Maximum number of violations that an error names.</summary>
    private const int MaxViolations = 5;

    /// <summary>Stands for the address of a schema without one. References are relative to it.</summary>
    private static readonly Uri Base = new("https://schema-registry.invalid/");

    /// <summary>A dialect that .NET generators of schemas use, and that this validator does not have.</summary>
    private const string Draft4 = "http://json-schema.org/draft-04/schema";

    private readonly int _id;
    private readonly JsonSchema? _schema;

    private JsonDocumentSchema(int id, JsonSchema? schema, string? title) => (_id, _schema, Title) = (id, schema, title);

    /// <summary>The title, which is the name of a record.</summary>
    public string? Title { get; }

    /// <param name="isApplied">Whether messages are checked against the schema.</param>
    /// <exception cref="SchemaFormatException">The schema is invalid, unsafe to apply or of another type.</exception>
    public static async Task<JsonDocumentSchema> LoadAsync(RegistryRequests registry, int id, bool isApplied)
    {
        var registered = await registry.GetAsync(id).ConfigureAwait(false);
        return await LoadAsync(registry, id, registered, isApplied).ConfigureAwait(false);
    }

    /// <inheritdoc cref="LoadAsync(RegistryRequests, int, bool)"/>
    public static async Task<JsonDocumentSchema> LoadAsync(RegistryRequests registry, int id, Schema registered, bool isApplied)
    {
        registered.Require(SchemaType.Json, id);
        var referenced = await new References(registry).LoadAsync(id, registered).ConfigureAwait(false);
        try
        {
            return new(id, isApplied ? Build(registered.SchemaString, referenced) : null, TitleOf(registered.SchemaString));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new SchemaFormatException($"The JSON schema with the id {id} is invalid: {e.Message}", e) { SchemaId = id };
        }
    }

    public static string? TitleOf(string schema) =>
        JsonNode.Parse(schema) is JsonObject root && root["title"] is JsonValue title && title.TryGetValue(out string? text) ? text : null;

    /// <exception cref="SchemaFormatException">The payload is not JSON, or it does not match the schema or the type.</exception>
    public T Read<T>(SchemaFrame frame, JsonSerializerOptions options)
    {
        try
        {
            if (_schema is null)
            {
                return JsonSerializer.Deserialize<T>(frame.Payload.Span, options) ?? throw IsNull<T>();
            }

            using var document = JsonDocument.Parse(frame.Payload);
            Validate(document.RootElement, "A message");
            return document.RootElement.Deserialize<T>(options) ?? throw IsNull<T>();
        }
        catch (JsonException e)
        {
            throw new SchemaFormatException($"A message with the JSON schema with the id {_id} cannot be read: {e.Message}", e)
            {
                SchemaId = _id,
            };
        }
    }

    /// <exception cref="SchemaFormatException">The JSON does not match the schema.</exception>
    public void Validate(byte[] json, string what)
    {
        if (_schema is not null)
        {
            using var document = JsonDocument.Parse(json);
            Validate(document.RootElement, what);
        }
    }

    private void Validate(JsonElement value, string what)
    {
        EvaluationResults results;
        try
        {
            results = _schema!.Evaluate(value, new EvaluationOptions { OutputFormat = OutputFormat.Flag });
            if (results.IsValid)
            {
                return;
            }

            results = _schema.Evaluate(value, new EvaluationOptions { OutputFormat = OutputFormat.List });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new SchemaFormatException($"The JSON schema with the id {_id} cannot be applied: {e.Message}", e) { SchemaId = _id };
        }

        var violations = (results.Details ?? []).Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))
            .Take(MaxViolations);
        throw new SchemaFormatException($"{what} does not match the JSON schema with the id {_id}: {string.Join("; ", violations)}")
        {
            SchemaId = _id,
        };
    }

    private static JsonException IsNull<T>() => new($"The value must be a {typeof(T).Name}; got null.");

    private static JsonSchema Build(string text, IReadOnlyList<(string Name, Schema Schema)> referenced)
    {
        var schemas = new Json.Schema.SchemaRegistry { Fetch = (_, _) => null };
        var options = new BuildOptions { SchemaRegistry = schemas, Dialect = Dialect.Draft07 };
        var root = JsonNode.Parse(text);
        var address = root is JsonObject { } members && members["$id"] is JsonValue id && Uri.TryCreate(Base, $"{id}", out var own)
            ? own
            : Base;
        foreach (var (name, schema) in referenced)
        {
            var built = Build(JsonNode.Parse(schema.SchemaString), options, new(Base, name));
            foreach (var alias in new[] { new Uri(Base, name), new Uri(address, name) }.Distinct())
            {
                schemas.Register(alias, built);
            }
        }

        var result = Build(root, options, new(Base, "root.json"));
        JsonShape.Check(result);
        return result;
    }

    private static JsonSchema Build(JsonNode? schema, BuildOptions options, Uri address)
    {
        // Generators of draft 4 use little that later drafts read differently; what they cannot read is refused.
        if (schema is JsonObject root && root["$schema"] is JsonValue dialect
            && $"{dialect}".StartsWith(Draft4, StringComparison.Ordinal))
        {
            root.Remove("$schema");
        }

        return JsonSchema.FromText(schema?.ToJsonString() ?? "null", options, address);
    }
}
