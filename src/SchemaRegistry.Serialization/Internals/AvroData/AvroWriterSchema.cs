using System.Collections.Concurrent;
using Avro;
using Avro.Generic;
using Avro.Specific;
using Confluent.SchemaRegistry;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.Registry;
using Schema = Avro.Schema;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>The schema that messages were written with, and readers for the types that applications read.</summary>
internal sealed class AvroWriterSchema
{
    private readonly int _id;
    private readonly Schema _schema;
    private readonly Schema? _readerSchema;
    private readonly bool _isRecursive;
    private readonly ConcurrentDictionary<Type, object> _readers = new();

    private AvroWriterSchema(int id, Schema schema, Schema? readerSchema)
    {
        (_id, _schema, _readerSchema) = (id, schema, readerSchema);
        _isRecursive = AvroShape.IsRecursive(schema, id);
    }

    /// <summary>The schema, checked by <see cref="AvroShape"/>.</summary>
    public Schema Schema => _schema;

    /// <exception cref="SchemaFormatException">The schema is invalid or has another type.</exception>
    public static async Task<AvroWriterSchema> LoadAsync(RegistryRequests registry, int id, Schema? readerSchema)
    {
        var registered = await registry.GetAsync(id).ConfigureAwait(false);
        registered.Require(SchemaType.Avro, id);
        var referenced = await new References(registry).LoadAsync(id, registered).ConfigureAwait(false);
        try
        {
            var names = new SchemaNames();
            foreach (var (_, schema) in referenced)
            {
                Schema.Parse(schema.SchemaString, names);
            }

            return new(id, Schema.Parse(registered.SchemaString, names), readerSchema);
        }
        catch (Exception e) when (e is not SchemaFormatException)
        {
            throw new SchemaFormatException($"The schema with the id {id} is invalid Avro: {e.Message}", e) { SchemaId = id };
        }
    }

    /// <exception cref="SchemaFormatException">The payload does not have the schema, or not one that T can have.</exception>
    public T Read<T>(SchemaFrame frame)
    {
        try
        {
            if (_isRecursive)
            {
                AvroDepth.Check(_schema, new(frame.Payload));
            }

            var decoder = new BoundedDecoder(frame.Payload);
            var reader = (DatumReader<T>)_readers.GetOrAdd(typeof(T), _ => CreateReader<T>());
            var result = reader.Read(default!, decoder);
            return decoder.Remaining == 0
                ? result
                : throw new InvalidDataException($"{decoder.Remaining} bytes follow the value");
        }
        catch (Exception e) when (e is not (SchemaFormatException or NotSupportedException or OutOfMemoryException))
        {
            throw new SchemaFormatException(
                $"A message with the Avro schema \"{_schema.Fullname}\", id {_id}, cannot be read as {typeof(T)}: {e.Message}", e)
            {
                SchemaId = _id,
            };
        }
    }

    private DatumReader<T> CreateReader<T>()
    {
        if (AvroTypes.SpecificSchemaOf(typeof(T)) is { } own)
        {
            return new SpecificDatumReader<T>(_schema, own);
        }

        return new GenericDatumReader<T>(_schema, _readerSchema ?? AvroTypes.PrimitiveOf(typeof(T)) ?? _schema);
    }
}
