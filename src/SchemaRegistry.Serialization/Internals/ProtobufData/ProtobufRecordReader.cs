using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SchemaRegistry.Serialization.Internals.ProtobufData;

/// <summary>Reads messages by the descriptor of their type. Fields that the type does not have are skipped.</summary>
internal static class ProtobufRecordReader
{
    /// <summary>Maximum depth of messages, that of Google's parsers.</summary>
    private const int MaxDepth = 100;

    private const int KeyField = 1;
    private const int ValueField = 2;

    /// <exception cref="InvalidProtocolBufferException">The bytes are not a message.</exception>
    /// <exception cref="InvalidDataException">Messages are nested too deeply.</exception>
    public static ProtobufRecord Read(MessageDescriptor type, ByteString bytes, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"messages are nested deeper than {MaxDepth} levels");
        }

        var values = new Dictionary<int, object>();
        using var input = bytes.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            var field = type.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            var wire = WireFormat.GetTagWireType(tag);
            if (field is null || field.FieldType == FieldType.Group || !IsExpected(field, wire))
            {
                input.SkipLastField();
            }
            else if (field.IsMap)
            {
                Add(values, field, Read(field.MessageType, input.ReadBytes(), depth + 1));
            }
            else if (field.IsRepeated)
            {
                AddRepeated(values, field, wire, input, depth);
            }
            else
            {
                // The last value counts; Google's parsers merge messages, which nothing writes.
                values[field.FieldNumber] = ReadValue(field, input, depth);
            }
        }

        return new(type, values);
    }

    private static bool IsExpected(FieldDescriptor field, WireFormat.WireType wire) =>
        wire == WireTypeOf(field.FieldType) || (wire == WireFormat.WireType.LengthDelimited && field.IsRepeated);

    private static WireFormat.WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        _ => WireFormat.WireType.Varint,
    };

    private static void Add(Dictionary<int, object> values, FieldDescriptor field, ProtobufRecord entry)
    {
        if (!values.TryGetValue(field.FieldNumber, out var map))
        {
            values.Add(field.FieldNumber, map = new Dictionary<object, object>());
        }

        var (key, value) = (field.MessageType.FindFieldByNumber(KeyField), field.MessageType.FindFieldByNumber(ValueField));
        ((Dictionary<object, object>)map)[entry[key.Name] ?? ProtobufRecord.ZeroOf(key)] =
            entry[value.Name] ?? ProtobufRecord.ZeroOf(value);
    }

    private static void AddRepeated(
        Dictionary<int, object> values, FieldDescriptor field, WireFormat.WireType wire, CodedInputStream input, int depth)
    {
        if (!values.TryGetValue(field.FieldNumber, out var list))
        {
            values.Add(field.FieldNumber, list = new List<object>());
        }

        var items = (List<object>)list;
        if (wire != WireFormat.WireType.LengthDelimited || WireTypeOf(field.FieldType) == WireFormat.WireType.LengthDelimited)
        {
            items.Add(ReadValue(field, input, depth));
            return;
        }

        // A packed field has its numbers one after the other.
        using var packed = input.ReadBytes().CreateCodedInput();
        while (!packed.IsAtEnd)
        {
            items.Add(ReadValue(field, packed, depth));
        }
    }

    private static object ReadValue(FieldDescriptor field, CodedInputStream input, int depth) => field.FieldType switch
    {
        FieldType.Bool => input.ReadBool(),
        FieldType.Int32 => input.ReadInt32(),
        FieldType.SInt32 => input.ReadSInt32(),
        FieldType.SFixed32 => input.ReadSFixed32(),
        FieldType.UInt32 => input.ReadUInt32(),
        FieldType.Fixed32 => input.ReadFixed32(),
        FieldType.Int64 => input.ReadInt64(),
        FieldType.SInt64 => input.ReadSInt64(),
        FieldType.SFixed64 => input.ReadSFixed64(),
        FieldType.UInt64 => input.ReadUInt64(),
        FieldType.Fixed64 => input.ReadFixed64(),
        FieldType.Float => input.ReadFloat(),
        FieldType.Double => input.ReadDouble(),
        FieldType.String => input.ReadString(),
        FieldType.Bytes => input.ReadBytes().ToByteArray(),
        FieldType.Enum => NameOf(field.EnumType, input.ReadEnum()),
        _ => Read(field.MessageType, input.ReadBytes(), depth + 1),
    };

    private static object NameOf(EnumDescriptor type, int number) => type.FindValueByNumber(number)?.Name is { } name ? name : number;
}
