using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>A message type, for the writer. Its fields are set after it was created, because they may contain it.</summary>
internal sealed class ProtobufType(string name, ProtobufShape shape)
{
    /// <summary>Fields with larger numbers are found in a dictionary.</summary>
    private const int MaxDirect = 256;

    private readonly Dictionary<uint, int> _others = [];
    private short[] _direct = [];

    public string Name => name;

    public ProtobufShape Shape => shape;

    public ProtobufField[] Fields { get; private set; } = [];

    /// <summary>Number of groups of fields of which a message has one.</summary>
    public int Oneofs { get; private set; }

    public void SetFields(ProtobufField[] fields, int oneofs)
    {
        (Fields, Oneofs) = (fields, oneofs);
        _direct = new short[MaxDirect];
        Array.Fill(_direct, (short)-1);
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Number < MaxDirect && i <= short.MaxValue)
            {
                _direct[fields[i].Number] = (short)i;
            }
            else
            {
                _others.Add(fields[i].Number, i);
            }
        }
    }

    /// <returns>The index of a field; −1 if the type does not have it.</returns>
    public int Find(uint number) =>
        number < MaxDirect && _direct[number] >= 0 ? _direct[number] : _others.GetValueOrDefault(number, -1);
}

/// <summary>A field of a message type, for the writer.</summary>
internal sealed class ProtobufField
{
    private const string NullValue = "google.protobuf.NullValue";

    private readonly Dictionary<int, JsonEncodedText>? _symbols;
    private readonly bool _isNullValue;

    /// <param name="oneof">The number of its group of fields in the type, of which a message has one; −1: it is in none.</param>
    /// <param name="type">The type of a message, or of the entries of a map; null for other fields.</param>
    public ProtobufField(FieldDescriptor field, int oneof, ProtobufType? type)
    {
        (Number, Kind, Oneof, Type) = ((uint)field.FieldNumber, field.FieldType, oneof, type);
        (IsMap, IsRepeated, HasPresence) = (field.IsMap && IsEntry(field.MessageType), field.IsRepeated, field.HasPresence);
        Name = JsonValues.NameOf(field.Name);
        Wire = WireOf(field.FieldType);
        if (field.FieldType == FieldType.Enum)
        {
            _isNullValue = field.EnumType.FullName == NullValue;
            _symbols = [];
            foreach (var value in field.EnumType.Values)
            {
                // Of several names of a number, the first one counts, as in Google's JSON.
                _symbols.TryAdd(value.Number, JsonValues.NameOf(value.Name));
            }
        }
    }

    public uint Number { get; }

    public JsonEncodedText Name { get; }

    public FieldType Kind { get; }

    /// <summary>The wire type of a value.</summary>
    public WireFormat.WireType Wire { get; }

    public bool IsMap { get; }

    public bool IsRepeated { get; }

    /// <summary>Whether absence differs from the default.</summary>
    public bool HasPresence { get; }

    public int Oneof { get; }

    public ProtobufType? Type { get; }

    /// <summary>Only protoc makes sure that the entries of a map have a key and a value; others are messages.</summary>
    private static bool IsEntry(MessageDescriptor entry) =>
        entry.Fields.InFieldNumberOrder() is [{ FieldNumber: 1, IsRepeated: false } key, { FieldNumber: 2, IsRepeated: false }]
        && key.FieldType is not (FieldType.Message or FieldType.Group or FieldType.Enum or FieldType.Bytes or FieldType.Float
            or FieldType.Double);

    /// <summary>Whether a field on the wire can be this one. Others of its number are unknown fields.</summary>
    public bool Takes(WireFormat.WireType wire) =>
        Kind != FieldType.Group && (wire == Wire || (IsRepeated && wire == WireFormat.WireType.LengthDelimited));

    /// <summary>Writes the name of a value of an enumeration; its number if the schema has no name for it.</summary>
    public void WriteSymbol(Utf8JsonWriter json, int number)
    {
        if (_isNullValue)
        {
            json.WriteNullValue();
        }
        else if (_symbols!.TryGetValue(number, out var symbol))
        {
            json.WriteStringValue(symbol);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }

    private static WireFormat.WireType WireOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        _ => WireFormat.WireType.Varint,
    };
}
