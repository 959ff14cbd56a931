using Google.Protobuf.Reflection;

namespace SchemaRegistry.Serialization;

/// <summary>A Protobuf message without a generated class: values by the names of fields, as the schema of the message has them.</summary>
/// <remarks>
/// Values are of type <see cref="bool"/>, <see cref="int"/>, <see cref="uint"/>, <see cref="long"/>, <see cref="ulong"/>,
/// <see cref="float"/>, <see cref="double"/>, <see cref="string"/>, <c>byte[]</c> or <see cref="ProtobufRecord"/>. An enumeration is the
/// name of its value, or its number if the schema has no name for it. A repeated field is a list, a map is a dictionary.
/// </remarks>
public sealed class ProtobufRecord
{
    private readonly Dictionary<int, object> _values;

    internal ProtobufRecord(MessageDescriptor descriptor, Dictionary<int, object> values) => (Descriptor, _values) = (descriptor, values);

    /// <summary>The type of the message.</summary>
    public MessageDescriptor Descriptor { get; }

    /// <summary>
    /// Reads a field. A field that the message does not have is null if the schema tells absence from the default, and the default
    /// otherwise.
    /// </summary>
    /// <param name="field">The name of the field in the schema.</param>
    /// <exception cref="KeyNotFoundException">The schema has no such field.</exception>
    public object? this[string field] => TryGet(field, out var value)
        ? value
        : throw new KeyNotFoundException($"The message type \"{Descriptor.FullName}\" has no field \"{field}\".");

    /// <summary>Reads a field.</summary>
    /// <param name="field">The name of the field in the schema.</param>
    /// <param name="value">Its value, as the indexer has it.</param>
    /// <returns>Whether the schema has the field.</returns>
    public bool TryGet(string field, out object? value)
    {
        if (Descriptor.FindFieldByName(field) is not { } descriptor)
        {
            value = null;
            return false;
        }

        value = _values.TryGetValue(descriptor.FieldNumber, out var present) ? present : DefaultOf(descriptor);
        return true;
    }

    /// <summary>Whether the message has a field, with any value.</summary>
    /// <param name="field">The name of the field in the schema.</param>
    /// <returns>False for fields that the message or the schema does not have.</returns>
    public bool Has(string field) => Descriptor.FindFieldByName(field) is { } descriptor && _values.ContainsKey(descriptor.FieldNumber);

    private static object? DefaultOf(FieldDescriptor field) =>
        field.IsMap ? new Dictionary<object, object>() : field.IsRepeated ? new List<object>() : field.HasPresence ? null : ZeroOf(field);

    /// <summary>The value of a field that a message leaves out.</summary>
    internal static object ZeroOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => false,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => 0,
        FieldType.UInt32 or FieldType.Fixed32 => 0u,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 0L,
        FieldType.UInt64 or FieldType.Fixed64 => 0uL,
        FieldType.Float => 0f,
        FieldType.Double => 0d,
        FieldType.String => "",
        FieldType.Bytes => Array.Empty<byte>(),
        FieldType.Enum => field.EnumType.Values[0].Name,
        _ => new ProtobufRecord(field.MessageType, []),
    };
}
