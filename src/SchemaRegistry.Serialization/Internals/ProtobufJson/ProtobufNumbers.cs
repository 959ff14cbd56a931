using System.Text.Json;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>Reads numbers, booleans and enumerations. Those of 32 bits ignore the others, as Google's parsers do.</summary>
internal static class ProtobufNumbers
{
    /// <returns>An integer; one of 64 bits without a sign as the bits of a signed one.</returns>
    public static long Read(FieldType kind, ref ProtobufWire wire) => kind switch
    {
        FieldType.Int32 or FieldType.Enum => (int)wire.ReadVarint(),
        FieldType.UInt32 => (uint)wire.ReadVarint(),
        FieldType.SInt32 => (int)ZigZag((uint)wire.ReadVarint()),
        FieldType.SInt64 => ZigZag(wire.ReadVarint()),
        FieldType.Fixed32 => wire.ReadFixed32(),
        FieldType.SFixed32 => (int)wire.ReadFixed32(),
        FieldType.Fixed64 or FieldType.SFixed64 => (long)wire.ReadFixed64(),
        _ => (long)wire.ReadVarint(),
    };

    public static void Write(Utf8JsonWriter json, ProtobufField field, ref ProtobufWire wire)
    {
        switch (field.Kind)
        {
            case FieldType.Double:
                JsonValues.WriteDouble(json, BitConverter.UInt64BitsToDouble(wire.ReadFixed64()));
                break;
            case FieldType.Float:
                JsonValues.WriteFloat(json, BitConverter.UInt32BitsToSingle(wire.ReadFixed32()));
                break;
            case FieldType.UInt64 or FieldType.Fixed64:
                json.WriteNumberValue((ulong)Read(field.Kind, ref wire));
                break;
            case FieldType.Bool:
                json.WriteBooleanValue(wire.ReadVarint() != 0);
                break;
            case FieldType.Enum:
                field.WriteSymbol(json, (int)wire.ReadVarint());
                break;
            default:
                json.WriteNumberValue(Read(field.Kind, ref wire));
                break;
        }
    }

    /// <summary>Small numbers with any sign are small on the wire.</summary>
    private static long ZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
