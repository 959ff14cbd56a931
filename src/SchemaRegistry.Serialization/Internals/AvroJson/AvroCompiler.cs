using System.Globalization;
using Avro;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.AvroJson;

/// <summary>Makes nodes of a schema. The schema was checked: the path to a type has a bounded length.</summary>
internal sealed class AvroCompiler
{
    private const long Millis = 1000;
    private const long Micros = 1_000_000;
    private const long Nanos = 1_000_000_000;

    private readonly Dictionary<RecordSchema, AvroRecord> _records = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="InvalidDataException">The schema has a decimal with too many digits.</exception>
    public static AvroNode Compile(Schema schema) => new AvroCompiler().NodeOf(schema);

    private AvroNode NodeOf(Schema schema) => schema switch
    {
        RecordSchema record => RecordOf(record),
        ArraySchema array => new AvroArray(NodeOf(array.ItemSchema)),
        MapSchema map => new AvroMap(NodeOf(map.ValueSchema)),
        UnionSchema union => new AvroUnion([.. union.Schemas.Select(NodeOf)]),
        EnumSchema values => AvroScalar.Enumeration(values.Symbols),
        FixedSchema bytes => AvroScalar.Fixed(bytes.Size),
        LogicalSchema logical => LogicalOf(logical),
        _ => PrimitiveOf(schema.Tag),
    };

    private AvroRecord RecordOf(RecordSchema schema)
    {
        if (!_records.TryGetValue(schema, out var record))
        {
            _records.Add(schema, record = new());
            record.Fields = [.. schema.Fields.Select(field => (JsonValues.NameOf(field.Name), NodeOf(field.Schema)))];
        }

        return record;
    }

    /// <summary>Types that are unknown are their base type, as Avro's specification says.</summary>
    private AvroNode LogicalOf(LogicalSchema schema) => (schema.LogicalTypeName, schema.BaseSchema.Tag) switch
    {
        ("timestamp-millis", Schema.Type.Long) => AvroScalar.Timestamp(Millis, isUtc: true),
        ("timestamp-micros", Schema.Type.Long) => AvroScalar.Timestamp(Micros, isUtc: true),
        ("timestamp-nanos", Schema.Type.Long) => AvroScalar.Timestamp(Nanos, isUtc: true),
        ("local-timestamp-millis", Schema.Type.Long) => AvroScalar.Timestamp(Millis, isUtc: false),
        ("local-timestamp-micros", Schema.Type.Long) => AvroScalar.Timestamp(Micros, isUtc: false),
        ("local-timestamp-nanos", Schema.Type.Long) => AvroScalar.Timestamp(Nanos, isUtc: false),
        ("date", Schema.Type.Int) => AvroScalar.Date,
        ("decimal", Schema.Type.Bytes or Schema.Type.Fixed) =>
            AvroScalar.Decimal(ScaleOf(schema), (schema.BaseSchema as FixedSchema)?.Size),
        _ => NodeOf(schema.BaseSchema),
    };

    private static int ScaleOf(LogicalSchema schema)
    {
        var text = schema.GetProperty("scale") ?? "0";
        return int.TryParse(text, CultureInfo.InvariantCulture, out var scale) && scale is >= 0 and <= JsonValues.MaxScale
            ? scale
            : throw new InvalidDataException($"the scale of a decimal must be from 0 to {JsonValues.MaxScale}; got {text}");
    }

    private static AvroScalar PrimitiveOf(Schema.Type type) => type switch
    {
        Schema.Type.Null => AvroScalar.Null,
        Schema.Type.Boolean => AvroScalar.Boolean,
        Schema.Type.Int => AvroScalar.Int,
        Schema.Type.Long => AvroScalar.Long,
        Schema.Type.Float => AvroScalar.Float,
        Schema.Type.Double => AvroScalar.Double,
        Schema.Type.Bytes => AvroScalar.Bytes,
        Schema.Type.String => AvroScalar.Text,
        _ => throw new InvalidDataException($"the type {type} is not known"),
    };
}
