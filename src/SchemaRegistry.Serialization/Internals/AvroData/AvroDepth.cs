using Avro;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>Limits the depth of data with a schema that contains itself, because Avro reads records recursively.</summary>
internal static class AvroDepth
{
    /// <exception cref="InvalidDataException">The data are deeper than <see cref="AvroShape.MaxDepth"/> levels, or invalid.</exception>
    public static void Check(Schema schema, BoundedDecoder decoder, int depth = 0)
    {
        if (depth > AvroShape.MaxDepth)
        {
            throw new InvalidDataException($"values are nested deeper than {AvroShape.MaxDepth} levels");
        }

        switch (schema)
        {
            case RecordSchema record:
                foreach (var field in record.Fields)
                {
                    Check(field.Schema, decoder, depth + 1);
                }

                break;
            case ArraySchema array:
                for (var items = decoder.ReadArrayStart(); items > 0; items = decoder.ReadArrayNext())
                {
                    CheckItems(array.ItemSchema, items, isMap: false, decoder, depth);
                }

                break;
            case MapSchema map:
                for (var items = decoder.ReadMapStart(); items > 0; items = decoder.ReadMapNext())
                {
                    CheckItems(map.ValueSchema, items, isMap: true, decoder, depth);
                }

                break;
            case UnionSchema union:
                var branch = decoder.ReadUnionIndex();
                Check(
                    branch >= 0 && branch < union.Count
                        ? union[branch]
                        : throw new InvalidDataException($"a union has {union.Count} types; got the type {branch}"),
                    decoder, depth + 1);
                break;
            case LogicalSchema logical:
                Check(logical.BaseSchema, decoder, depth);
                break;
            case FixedSchema { Size: var size }:
                decoder.SkipFixed(size);
                break;
            default:
                Skip(schema.Tag, decoder);
                break;
        }
    }

    private static void CheckItems(Schema schema, long items, bool isMap, BoundedDecoder decoder, int depth)
    {
        for (var i = 0L; i < items; i++)
        {
            if (isMap)
            {
                decoder.SkipString();
            }

            Check(schema, decoder, depth + 1);
        }
    }

    private static void Skip(Schema.Type type, BoundedDecoder decoder)
    {
        switch (type)
        {
            case Schema.Type.Boolean:
                decoder.SkipBoolean();
                break;
            case Schema.Type.Int or Schema.Type.Enumeration:
                decoder.SkipInt();
                break;
            case Schema.Type.Long:
                decoder.SkipLong();
                break;
            case Schema.Type.Float:
                decoder.SkipFloat();
                break;
            case Schema.Type.Double:
                decoder.SkipDouble();
                break;
            case Schema.Type.Bytes or Schema.Type.String:
                decoder.SkipBytes();
                break;
        }
    }
}
