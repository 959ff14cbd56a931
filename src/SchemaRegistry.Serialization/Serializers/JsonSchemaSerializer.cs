using System.Text.Json;
using Confluent.SchemaRegistry;
using SchemaRegistry.Serialization.Internals.Caching;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.JsonData;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization;

/// <summary>JSON messages with a JSON schema, by System.Text.Json.</summary>
public sealed class JsonSchemaSerializer : ISchemaSerializer
{
    private readonly JsonSchemaSerializerOptions _options;
    private readonly string? _title;
    private readonly LookupCache<int, JsonDocumentSchema> _schemas;
    private readonly LookupCache<string, Writer> _writers;

    /// <summary>Creates a serializer.</summary>
    /// <param name="client">Asks the registry. The caller disposes it.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="clock">The clock of the caches; null means that of the system.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public JsonSchemaSerializer(
        ISchemaRegistryClient client, JsonSchemaSerializerOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _options = options ?? new();
        _options.Check();
        _title = _options.Schema is { } text ? TitleOf(text) : null;
        var registry = new RegistryRequests(client);
        _schemas = new(
            id => JsonDocumentSchema.LoadAsync(registry, id, _options.Validate), _options, clock ?? TimeProvider.System);
        _writers = new(
            subject => FindAsync(registry, subject), _options, clock ?? TimeProvider.System,
            _options.Schema is null ? _options.LatestVersionLifetime : null);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> SerializeAsync<T>(T item, string topic, CancellationToken cancellationToken = default)
    {
        var subject = _options.SubjectOf(topic, _title ?? typeof(T).Name);
        var writer = await _writers.GetAsync(subject, cancellationToken).ConfigureAwait(false);
        var json = JsonSerializer.SerializeToUtf8Bytes(item, _options.Json);
        writer.Schema.Validate(json, $"The event for the subject \"{subject}\"");
        return SchemaFrame.ToMessage(writer.Id, json);
    }

    /// <inheritdoc/>
    public async ValueTask<T> DeserializeAsync<T>(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        var frame = SchemaFrame.Parse(message);
        var schema = await _schemas.GetAsync(frame.SchemaId, cancellationToken).ConfigureAwait(false);
        return schema.Read<T>(frame, _options.Json);
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        await _schemas.GetAsync(SchemaFrame.Parse(message).SchemaId, cancellationToken).ConfigureAwait(false);

    private static string? TitleOf(string schema)
    {
        try
        {
            return JsonDocumentSchema.TitleOf(schema);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{nameof(JsonSchemaSerializerOptions.Schema)} must be a JSON schema: {e.Message}", e);
        }
    }

    private async Task<Writer> FindAsync(RegistryRequests registry, string subject)
    {
        if (_options.Schema is not { } text)
        {
            var latest = await registry.GetLatestAsync(subject).ConfigureAwait(false);
            return new(
                latest.Id, await JsonDocumentSchema.LoadAsync(registry, latest.Id, latest.Schema, _options.Validate).ConfigureAwait(false));
        }

        var schema = new Schema(text, SchemaType.Json);
        var id = await registry.IdAsync(subject, schema, _options.RegisterSchemas).ConfigureAwait(false);
        return new(id, await JsonDocumentSchema.LoadAsync(registry, id, schema, _options.Validate).ConfigureAwait(false));
    }

    private sealed record Writer(int Id, JsonDocumentSchema Schema);
}
