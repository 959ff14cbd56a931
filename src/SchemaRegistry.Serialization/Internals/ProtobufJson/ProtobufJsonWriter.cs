using System.Globalization;
using System.Text.Json;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>
/// Writes a message as JSON, straight from its bytes. A field that is absent is left out if the schema tells absence from the default,
/// and has the default otherwise.
/// </summary>
internal ref struct ProtobufJsonWriter
{
    private const int KeyField = 0;
    private const int ValueField = 1;
    private const int MaxKeyText = 24;

    /// <summary>Fields that messages may have in addition to <see cref="MaxFieldsPerByte"/> for each byte, absent ones included.</summary>
    private const long FreeFields = 100_000;

    /// <summary>Messages of 2 bytes with thousands of fields would take long.</summary>
    private const long MaxFieldsPerByte = 64;

    /// <summary>The default of each number, whatever its wire type.</summary>
    private static ReadOnlySpan<byte> Zeros => [0, 0, 0, 0, 0, 0, 0, 0];

    [ThreadStatic]
    private static ProtobufScratch? _ofThread;

    private readonly ReadOnlySpan<byte> _data;
    private readonly Utf8JsonWriter _json;
    private readonly ProtobufScratch _scratch;
    private long _fieldsLeft;

    private ProtobufJsonWriter(ReadOnlySpan<byte> data, Utf8JsonWriter json)
    {
        (_json, _scratch) = (json, _ofThread ??= new());
        _data = data;
        _fieldsLeft = FreeFields + (MaxFieldsPerByte * data.Length);
        _scratch.Clear();
    }

    /// <exception cref="InvalidDataException">The bytes are not a message of the type.</exception>
    public static void Write(ProtobufType type, ReadOnlySpan<byte> data, Utf8JsonWriter json)
    {
        var writer = new ProtobufJsonWriter(data, json);
        writer.WriteMessage(type, writer._scratch.Add(0, data.Length, isPacked: false), isMerged: false, depth: 0);
    }

    /// <param name="first">The first occurrence.</param>
    /// <param name="type">The type of the message.</param>
    /// <param name="isMerged">Whether all occurrences are parts of one message.</param>
    private void WriteMessage(ProtobufType type, int first, bool isMerged, int depth)
    {
        _fieldsLeft -= type.Fields.Length;
        if (_fieldsLeft < 0)
        {
            throw new InvalidDataException($"it has too many messages of the type {type.Name}, which has {type.Fields.Length} fields");
        }

        var frame = _scratch.Enter(type);
        for (var at = first; at != ProtobufScratch.Occurrence.None; at = isMerged ? _scratch[at].Next : ProtobufScratch.Occurrence.None)
        {
            Scan(type, in frame, _scratch[at].Start, _scratch[at].Length);
        }

        switch (type.Shape)
        {
            case ProtobufShape.Timestamp:
                WriteTimestamp(type, in frame);
                break;
            case ProtobufShape.Duration:
                _json.WriteNumberValue(Integer(type, in frame, 0) + (Integer(type, in frame, 1) / 1_000_000_000m));
                break;
            case ProtobufShape.Decimal:
                WriteDecimal(type, in frame);
                break;
            case ProtobufShape.Field:
                WriteField(type.Fields[0], 0, in frame, depth);
                break;
            case ProtobufShape.FieldOrNull:
                WriteFieldOrNull(type, in frame, depth);
                break;
            default:
                WriteObject(type, in frame, depth);
                break;
        }

        _scratch.Leave(in frame);
    }

    private readonly void Scan(ProtobufType type, in ProtobufScratch.Frame frame, int start, int length)
    {
        for (var wire = new ProtobufWire(_data, start, length); !wire.IsAtEnd;)
        {
            var number = wire.ReadTag(out var kind);
            var (at, size) = wire.Skip(kind, number);
            if (type.Find(number) is >= 0 and var index && type.Fields[index] is var field && field.Takes(kind))
            {
                _scratch.Add(in frame, index, field.Oneof, at, size, isPacked: kind != field.Wire);
            }
        }
    }

    private void WriteObject(ProtobufType type, in ProtobufScratch.Frame frame, int depth)
    {
        JsonValues.RequireDepth(depth);
        _json.WriteStartObject();
        for (var i = 0; i < type.Fields.Length; i++)
        {
            var field = type.Fields[i];
            if (!field.HasPresence || _scratch.First(in frame, i) != ProtobufScratch.Occurrence.None)
            {
                _json.WritePropertyName(field.Name);
                WriteField(field, i, in frame, depth + 1);
            }
        }

        _json.WriteEndObject();
    }

    /// <summary>Writes the value of a field, or its default.</summary>
    private void WriteField(ProtobufField field, int index, in ProtobufScratch.Frame frame, int depth)
    {
        var first = _scratch.First(in frame, index);
        if (field.IsMap)
        {
            WriteMap(field, first, depth);
        }
        else if (field.IsRepeated)
        {
            WriteList(field, first, depth);
        }
        else if (field.Type is { } type)
        {
            WriteMessage(type, first, isMerged: true, depth);
        }
        else
        {
            WriteScalar(field, _scratch.Last(in frame, index));
        }
    }

    private void WriteFieldOrNull(ProtobufType type, in ProtobufScratch.Frame frame, int depth)
    {
        for (var i = 0; i < type.Fields.Length; i++)
        {
            if (_scratch.First(in frame, i) != ProtobufScratch.Occurrence.None)
            {
                WriteField(type.Fields[i], i, in frame, depth);
                return;
            }
        }

        _json.WriteNullValue();
    }

    private void WriteList(ProtobufField field, int first, int depth)
    {
        JsonValues.RequireDepth(depth);
        _json.WriteStartArray();
        for (var at = first; at != ProtobufScratch.Occurrence.None; at = _scratch[at].Next)
        {
            if (field.Type is { } type)
            {
                WriteMessage(type, at, isMerged: false, depth + 1);
            }
            else if (_scratch[at].IsPacked)
            {
                for (var wire = new ProtobufWire(_data, _scratch[at].Start, _scratch[at].Length); !wire.IsAtEnd;)
                {
                    ProtobufNumbers.Write(_json, field, ref wire);
                }
            }
            else
            {
                WriteScalar(field, at);
            }
        }

        _json.WriteEndArray();
    }

    /// <summary>A key that is repeated is a repeated member.</summary>
    private void WriteMap(ProtobufField field, int first, int depth)
    {
        JsonValues.RequireDepth(depth);
        _json.WriteStartObject();
        for (var at = first; at != ProtobufScratch.Occurrence.None; at = _scratch[at].Next)
        {
            var type = field.Type!;
            var entry = _scratch.Enter(type);
            Scan(type, in entry, _scratch[at].Start, _scratch[at].Length);
            WriteKey(type.Fields[KeyField], _scratch.Last(in entry, KeyField));
            WriteField(type.Fields[ValueField], ValueField, in entry, depth + 1);
            _scratch.Leave(in entry);
        }

        _json.WriteEndObject();
    }

    private readonly void WriteKey(ProtobufField field, int at)
    {
        if (field.Kind == FieldType.String)
        {
            _json.WritePropertyName(JsonValues.CheckText(BytesAt(at)));
            return;
        }

        var number = at == ProtobufScratch.Occurrence.None ? 0 : Integer(field, at);
        if (field.Kind == FieldType.Bool)
        {
            _json.WritePropertyName(number != 0 ? "true"u8 : "false"u8);
            return;
        }

        Span<byte> text = stackalloc byte[MaxKeyText];
        var isUnsigned = field.Kind is FieldType.UInt64 or FieldType.Fixed64;
        _ = isUnsigned
            ? ((ulong)number).TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            : number.TryFormat(text, out length, default, CultureInfo.InvariantCulture);
        _json.WritePropertyName(text[..length]);
    }

    private readonly void WriteScalar(ProtobufField field, int at)
    {
        if (field.Kind == FieldType.String)
        {
            _json.WriteStringValue(JsonValues.CheckText(BytesAt(at)));
        }
        else if (field.Kind == FieldType.Bytes)
        {
            JsonValues.WriteBytes(_json, BytesAt(at));
        }
        else
        {
            var wire = at == ProtobufScratch.Occurrence.None
                ? new ProtobufWire(Zeros, 0, Zeros.Length)
                : new(_data, _scratch[at].Start, _scratch[at].Length);
            ProtobufNumbers.Write(_json, field, ref wire);
        }
    }

    private readonly void WriteTimestamp(ProtobufType type, in ProtobufScratch.Frame frame)
    {
        var (seconds, nanos) = (Integer(type, in frame, 0), Integer(type, in frame, 1));
        if (!JsonTimes.TryWrite(_json, seconds, nanos, isUtc: true))
        {
            _json.WriteNumberValue(seconds);
        }
    }

    private readonly void WriteDecimal(ProtobufType type, in ProtobufScratch.Frame frame)
    {
        var scale = Integer(type, in frame, type.Find(3));
        if (scale is < 0 or > JsonValues.MaxScale)
        {
            throw new InvalidDataException($"the scale of a decimal must be from 0 to {JsonValues.MaxScale}; got {scale}");
        }

        JsonValues.WriteDecimal(_json, BytesAt(_scratch.Last(in frame, type.Find(1))), (int)scale);
    }

    /// <returns>The number of a field; 0 if the message does not have it.</returns>
    private readonly long Integer(ProtobufType type, in ProtobufScratch.Frame frame, int index)
    {
        var at = index < 0 ? ProtobufScratch.Occurrence.None : _scratch.Last(in frame, index);
        return at == ProtobufScratch.Occurrence.None ? 0 : Integer(type.Fields[index], at);
    }

    private readonly long Integer(ProtobufField field, int at)
    {
        var wire = new ProtobufWire(_data, _scratch[at].Start, _scratch[at].Length);
        return ProtobufNumbers.Read(field.Kind, ref wire);
    }

    /// <returns>The bytes of a value; none if the message does not have it.</returns>
    private readonly ReadOnlySpan<byte> BytesAt(int at) =>
        at == ProtobufScratch.Occurrence.None ? default : _data.Slice(_scratch[at].Start, _scratch[at].Length);
}
