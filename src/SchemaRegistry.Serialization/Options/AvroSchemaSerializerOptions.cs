using Avro;

namespace SchemaRegistry.Serialization;

/// <summary>Options of <see cref="AvroSchemaSerializer"/>.</summary>
public sealed class AvroSchemaSerializerOptions : SchemaSerializerOptions
{
    /// <summary>
    /// Schema of generic records that are read: Avro converts the data of other schemas to it. Null means the schema of the message.
    /// Specific records always have the schema of their class.
    /// </summary>
    public Schema? ReaderSchema { get; set; }
}
