using System.Text.Json;
using Confluent.SchemaRegistry;
using SchemaRegistry.Serialization.Internals.AvroData;
using SchemaRegistry.Serialization.Internals.AvroJson;
using SchemaRegistry.Serialization.Internals.Caching;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.ProtobufData;
using SchemaRegistry.Serialization.Internals.ProtobufJson;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization;

/// <summary>
/// Writes Avro and Protobuf messages of a schema registry as JSON, by the schemas that they were written with and straight from their
/// bytes.
/// </summary>
/// <remarks>
/// <para>
/// Threads may share a converter. <see cref="WriteJson"/> never asks the registry: <see cref="PrepareAsync"/> does so before, once for
/// each schema.
/// </para>
/// <para>
/// Times are texts in ISO 8601, decimals are numbers, bytes are base64url, and numbers that are not finite are null. A union of Avro is
/// the value itself. Protobuf has the names of fields in the schema and integers as numbers; a field that is absent is left out if the
/// schema tells absence from the default, and has its default otherwise.
/// </para>
/// </remarks>
public sealed class SchemaMessageConverter
{
    private readonly LookupCache<int, AvroNode>? _avro;
    private readonly LookupCache<int, ProtobufSchemaTypes>? _protobuf;

    /// <summary>Creates a converter.</summary>
    /// <param name="client">Asks the registry. The caller disposes it.</param>
    /// <param name="type">Avro or Protobuf. For Protobuf the registry must support <c>format=serialized</c>.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="clock">The clock of the cache; null means that of the system.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public SchemaMessageConverter(
        ISchemaRegistryClient client, SchemaType type, SchemaSerializerOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        var given = options ?? new();
        given.Check();
        var registry = new RegistryRequests(client);
        switch (type)
        {
            case SchemaType.Avro:
                _avro = new(id => LoadAvroAsync(registry, id), given, clock ?? TimeProvider.System);
                break;
            case SchemaType.Protobuf:
                _protobuf = new(
                    async id => new(await ProtobufWriterSchema.LoadAsync(registry, id).ConfigureAwait(false), new()),
                    given, clock ?? TimeProvider.System);
                break;
            default:
                throw new ArgumentException($"The type must be Avro or Protobuf; got {type}.", nameof(type));
        }
    }

    /// <summary>Reads the header of a message and looks into the cache.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">The id of its schema; 0 if it has none.</param>
    /// <param name="reason">Why the schema is refused, or what is wrong with the header; null in the other states.</param>
    /// <returns>The state of the schema.</returns>
    public SchemaState StateOf(ReadOnlySpan<byte> message, out int schemaId, out string? reason)
    {
        reason = SchemaFrame.WhyNot(message, out var id);
        schemaId = id ?? 0;
        if (reason is not null)
        {
            return SchemaState.Unframed;
        }

        var isKnown = _avro?.TryGet(schemaId, out _, out var refusal) ?? _protobuf!.TryGet(schemaId, out _, out refusal);
        reason = refusal?.Message;
        return isKnown ? SchemaState.Known : refusal is null ? SchemaState.Unknown : SchemaState.Refused;
    }

    /// <summary>Gets a schema. Afterwards its state is known or refused, until the cache is full or the refusal expires.</summary>
    /// <param name="schemaId">The id of the schema.</param>
    /// <param name="cancellationToken">Ends the wait for the registry.</param>
    /// <returns>A task that completes when the registry has answered.</returns>
    /// <exception cref="SchemaRegistryUnavailableException">The registry does not answer now; a retry may succeed.</exception>
    public async ValueTask PrepareAsync(int schemaId, CancellationToken cancellationToken = default)
    {
        try
        {
            _ = _avro is null
                ? await _protobuf!.GetAsync(schemaId, cancellationToken).ConfigureAwait(false)
                : (object)await _avro.GetAsync(schemaId, cancellationToken).ConfigureAwait(false);
        }
        catch (SchemaFormatException)
        {
            // The state tells the reason.
        }
    }

    /// <summary>Writes a message as one JSON value.</summary>
    /// <param name="message">The message.</param>
    /// <param name="json">
    /// Receives the value; the caller flushes it. A part of the value may have been written when an exception is thrown. Little data can
    /// become much JSON, so the buffer behind the writer should have a limit.
    /// </param>
    /// <exception cref="SchemaFormatException">No retry can read the message.</exception>
    /// <exception cref="SchemaRegistryUnavailableException">The schema is not in the cache.</exception>
    public void WriteJson(ReadOnlySpan<byte> message, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (SchemaFrame.WhyNot(message, out var id) is { } reason)
        {
            throw new SchemaFormatException(reason) { SchemaId = id };
        }

        var payload = message[SchemaFrame.Length..];
        if (_avro is null)
        {
            WriteProtobuf(id!.Value, payload, json);
        }
        else
        {
            WriteAvro(id!.Value, payload, json);
        }
    }

    private void WriteAvro(int id, ReadOnlySpan<byte> payload, Utf8JsonWriter json)
    {
        if (!_avro!.TryGet(id, out var schema, out var refusal))
        {
            throw Missing(id, refusal);
        }

        try
        {
            var data = new AvroBytes(payload);
            schema.Write(ref data, json, depth: 0);
            if (data.Remaining > 0)
            {
                throw new InvalidDataException($"{data.Remaining} bytes follow the value");
            }
        }
        catch (InvalidDataException e)
        {
            throw Invalid("Avro", id, e);
        }
    }

    private void WriteProtobuf(int id, ReadOnlySpan<byte> payload, Utf8JsonWriter json)
    {
        if (!_protobuf!.TryGet(id, out var schema, out var refusal))
        {
            throw Missing(id, refusal);
        }

        Span<int> indexes = stackalloc int[MessageIndexes.MaxDepth];
        var count = MessageIndexes.Read(payload, id, indexes, out var length);
        var type = schema.Types.Of(schema.Schema.TypeAt(indexes[..count]));
        try
        {
            ProtobufJsonWriter.Write(type, payload[length..], json);
        }
        catch (InvalidDataException e)
        {
            throw Invalid($"Protobuf of the type \"{type.Name}\"", id, e);
        }
    }

    private static async Task<AvroNode> LoadAvroAsync(RegistryRequests registry, int id)
    {
        var schema = await AvroWriterSchema.LoadAsync(registry, id, null).ConfigureAwait(false);
        try
        {
            return AvroCompiler.Compile(schema.Schema);
        }
        catch (Exception e) when (e is not (SchemaFormatException or OutOfMemoryException))
        {
            throw new SchemaFormatException($"The Avro schema with the id {id} is invalid: {e.Message.TrimEnd('.')}.", e) { SchemaId = id };
        }
    }

    private static Exception Missing(int id, SchemaFormatException? refusal) => refusal is null
        ? new SchemaRegistryUnavailableException($"The schema with the id {id} was not looked up.")
        : refusal.Copy();

    private static SchemaFormatException Invalid(string what, int id, InvalidDataException e) =>
        new($"The message is not valid {what} with the schema id {id}: {e.Message}.", e) { SchemaId = id };

    private sealed record ProtobufSchemaTypes(ProtobufWriterSchema Schema, ProtobufTypes Types);
}
