namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>What a message is in JSON.</summary>
internal enum ProtobufShape
{
    /// <summary>An object with a member for each field.</summary>
    Object,

    /// <summary>The value of its only field: wrappers, <c>Struct</c> and <c>ListValue</c>.</summary>
    Field,

    /// <summary>The value of the field that it has, else null: <c>Value</c>.</summary>
    FieldOrNull,

    /// <summary>A text in ISO 8601.</summary>
    Timestamp,

    /// <summary>A number of seconds.</summary>
    Duration,

    /// <summary>A number.</summary>
    Decimal,
}
