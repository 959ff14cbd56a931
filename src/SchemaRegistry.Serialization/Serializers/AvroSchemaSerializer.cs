using Avro.Generic;
using Avro.IO;
using Avro.Specific;
using Confluent.SchemaRegistry;
using SchemaRegistry.Serialization.Internals.AvroData;
using SchemaRegistry.Serialization.Internals.Caching;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.Registry;
using Schema = Avro.Schema;

namespace SchemaRegistry.Serialization;

/// <summary>
/// Avro messages. Types are <see cref="GenericRecord"/>, classes that were generated from Avro schemas
/// (<see cref="ISpecificRecord"/>), primitive types, and <see cref="object"/> for whatever the schema of a message describes.
/// </summary>
public sealed class AvroSchemaSerializer : ISchemaSerializer
{
    private readonly SchemaSerializerOptions _options;
    private readonly LookupCache<int, AvroWriterSchema> _schemas;
    private readonly WrittenSchemas<Schema, Writer> _written;

    /// <summary>Creates a serializer.</summary>
    /// <param name="client">Asks the registry. The caller disposes it.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="clock">The clock of the caches; null means that of the system.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public AvroSchemaSerializer(
        ISchemaRegistryClient client, AvroSchemaSerializerOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        var avro = options ?? new();
        avro.Check();
        _options = avro;
        var registry = new RegistryRequests(client);
        _schemas = new(id => AvroWriterSchema.LoadAsync(registry, id, avro.ReaderSchema), avro, clock ?? TimeProvider.System);
        _written = new(
            async (subject, schema) => new(
                await registry.IdAsync(subject, new(schema.ToString(), SchemaType.Avro), avro.RegisterSchemas).ConfigureAwait(false),
                schema),
            avro, clock ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> SerializeAsync<T>(T item, string topic, CancellationToken cancellationToken = default)
    {
        var schema = AvroTypes.SchemaOf(item);
        var subject = _options.SubjectOf(topic, schema.Fullname);
        var writer = await _written.GetAsync(subject, schema, cancellationToken).ConfigureAwait(false);
        return writer.Write(item!, subject);
    }

    /// <inheritdoc/>
    public async ValueTask<T> DeserializeAsync<T>(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        AvroTypes.RequireReadable(typeof(T));
        var frame = SchemaFrame.Parse(message);
        var schema = await _schemas.GetAsync(frame.SchemaId, cancellationToken).ConfigureAwait(false);
        return schema.Read<T>(frame);
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        await _schemas.GetAsync(SchemaFrame.Parse(message).SchemaId, cancellationToken).ConfigureAwait(false);

    private sealed class Writer(int id, Schema schema)
    {
        private readonly SpecificDatumWriter<object> _specific = new(schema);
        private readonly GenericDatumWriter<object> _generic = new(schema);

        public byte[] Write(object item, string subject)
        {
            using var stream = new MemoryStream();
            stream.SetLength(SchemaFrame.Length);
            stream.Position = SchemaFrame.Length;
            try
            {
                DatumWriter<object> writer = item is ISpecificRecord ? _specific : _generic;
                writer.Write(item, new BinaryEncoder(stream));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new SchemaFormatException(
                    $"The event does not match the Avro schema \"{schema.Fullname}\" of the subject \"{subject}\": {e.Message}", e)
                {
                    SchemaId = id,
                    Subject = subject,
                };
            }

            var message = stream.ToArray();
            SchemaFrame.Write(message, id);
            return message;
        }
    }
}
