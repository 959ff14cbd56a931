using Avro;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>
/// Judges a schema before Avro reads data with it. Avro reads records recursively and creates values that take no bytes, so a schema
/// alone could exhaust the stack or the memory.
/// </summary>
internal sealed class AvroShape
{
    /// <summary>Maximum depth of values, and of the types of a schema that does not contain itself.</summary>
    public const int MaxDepth = 100;

    /// <summary>Values that a datum may have in addition to <see cref="MaxValuesPerByte"/> for each of its bytes.</summary>
    private const long FreeValues = 64;

    private const long MaxValuesPerByte = 4;
    private const long Limit = 1L << 40;

    private readonly Dictionary<RecordSchema, Size> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<RecordSchema> _open = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<RecordSchema> _visited = new(ReferenceEqualityComparer.Instance);
    private bool _isRecursive;

    private AvroShape()
    {
    }

    /// <returns>Whether the schema contains itself, so that only the data limit the depth of its values.</returns>
    /// <exception cref="SchemaFormatException">No data can have the schema, or little data could fill the memory.</exception>
    public static bool IsRecursive(Schema schema, int schemaId)
    {
        var shape = new AvroShape();
        shape.Visit(schema, 0, schemaId);
        foreach (var record in shape._visited)
        {
            shape.SizeOf(record, schemaId);
        }

        return shape._isRecursive;
    }

    /// <summary>Visits all types; the path to a type has a bounded length.</summary>
    private void Visit(Schema schema, int depth, int schemaId)
    {
        if (depth > MaxDepth)
        {
            throw Invalid(schemaId, $"nests its types deeper than {MaxDepth} levels");
        }

        if (schema is RecordSchema record)
        {
            if (_open.Contains(record))
            {
                _isRecursive = true;
                return;
            }

            if (!_visited.Add(record))
            {
                return;
            }

            _open.Add(record);
            foreach (var field in record.Fields)
            {
                Visit(field.Schema, depth + 1, schemaId);
            }

            _open.Remove(record);
            return;
        }

        foreach (var part in PartsOf(schema))
        {
            Visit(part, depth + 1, schemaId);
        }
    }

    private static IEnumerable<Schema> PartsOf(Schema schema) => schema switch
    {
        ArraySchema array => [array.ItemSchema],
        MapSchema map => [map.ValueSchema],
        UnionSchema union => union.Schemas,
        LogicalSchema logical => [logical.BaseSchema],
        _ => [],
    };

    /// <summary>The smallest datum of a record.</summary>
    private Size SizeOf(RecordSchema record, int schemaId)
    {
        if (_sizes.TryGetValue(record, out var known))
        {
            return known.Values > 0 ? known : throw Invalid(schemaId, $"has a record \"{record.Fullname}\" that always contains itself");
        }

        _sizes[record] = default;
        var sum = new Size(1, 0);
        foreach (var field in record.Fields)
        {
            sum = sum.Plus(field.Schema is RecordSchema inner ? SizeOf(inner, schemaId) : SizeOf(field.Schema));
        }

        if (sum.Values > FreeValues + (MaxValuesPerByte * sum.Bytes))
        {
            throw Invalid(
                schemaId,
                $"has a record \"{record.Fullname}\" with {sum.Values} values in {sum.Bytes} bytes; remove fields without content");
        }

        return _sizes[record] = sum;
    }

    /// <summary>The smallest datum of another type. Unions, arrays and maps take at least a byte.</summary>
    private static Size SizeOf(Schema schema) => schema switch
    {
        FixedSchema { Size: var size } => new(1, size),
        LogicalSchema { BaseSchema: FixedSchema { Size: var size } } => new(1, size),
        _ => schema.Tag == Schema.Type.Null ? new(1, 0) : new(1, 1),
    };

    private static SchemaFormatException Invalid(int schemaId, string reason) =>
        new($"The Avro schema with the id {schemaId} {reason}.") { SchemaId = schemaId };

    /// <summary>Values and bytes of the smallest datum.</summary>
    private readonly record struct Size(long Values, long Bytes)
    {
        public Size Plus(Size other) => new(Math.Min(Values + other.Values, Limit), Math.Min(Bytes + other.Bytes, Limit));
    }
}
