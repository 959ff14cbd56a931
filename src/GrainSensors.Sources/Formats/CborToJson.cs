using System.Formats.Cbor;
using System.Text.Json;
using System.Text.Unicode;

namespace GrainSensors.Sources.Formats;

/// <summary>Writes a CBOR value as JSON, as RFC 8949, section 6.1, advises.</summary>
internal sealed class CborToJson(CborReader cbor, Utf8JsonWriter json)
{
    /// <summary>The most levels of maps, arrays and tags in each other.</summary>
    public const int MaxDepth = 64;

    /// <param name="depth">The levels around the value.</param>
    public void WriteValue(int depth)
    {
        switch (cbor.PeekState())
        {
            case CborReaderState.UnsignedInteger:
                json.WriteNumberValue(cbor.ReadUInt64());
                break;
            case CborReaderState.NegativeInteger:
                WriteNegative(cbor.ReadCborNegativeIntegerRepresentation());
                break;
            case CborReaderState.HalfPrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.DoublePrecisionFloat:
                WriteDouble(cbor.ReadDouble());
                break;
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                json.WriteStringValue(Text().Span);
                break;
            case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                json.WriteStringValue(System.Buffers.Text.Base64Url.EncodeToString(cbor.ReadByteString()));
                break;
            case CborReaderState.Boolean:
                json.WriteBooleanValue(cbor.ReadBoolean());
                break;
            case CborReaderState.StartMap when depth < MaxDepth:
                WriteMap(depth + 1);
                break;
            case CborReaderState.StartArray when depth < MaxDepth:
                WriteArray(depth + 1);
                break;
            case CborReaderState.Tag when depth < MaxDepth:
                cbor.ReadTag();
                WriteValue(depth + 1);
                break;
            case CborReaderState.Null or CborReaderState.SimpleValue:
                cbor.SkipValue();
                json.WriteNullValue();
                break;
            case var state:
                throw new CborContentException(
                    depth == MaxDepth ? $"it has more than {MaxDepth} levels" : $"a value begins with {state}");
        }
    }

    private void WriteMap(int depth)
    {
        cbor.ReadStartMap();
        json.WriteStartObject();
        while (cbor.PeekState() != CborReaderState.EndMap)
        {
            WriteName();
            WriteValue(depth);
        }

        cbor.ReadEndMap();
        json.WriteEndObject();
    }

    private void WriteArray(int depth)
    {
        cbor.ReadStartArray();
        json.WriteStartArray();
        while (cbor.PeekState() != CborReaderState.EndArray)
        {
            WriteValue(depth);
        }

        cbor.ReadEndArray();
        json.WriteEndArray();
    }

    private void WriteName()
    {
        switch (cbor.PeekState())
        {
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                json.WritePropertyName(Text().Span);
                break;
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                json.WritePropertyName(cbor.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case var state:
                throw new CborContentException($"a key of a map must be text or an integer, and is {state}");
        }
    }

    /// <summary>Writes −1 − n, which may be beyond the range of an Int64.</summary>
    private void WriteNegative(ulong n)
    {
        if (n <= long.MaxValue)
        {
            json.WriteNumberValue(-1 - (long)n);
        }
        else
        {
            json.WriteNumberValue(-1m - n);
        }
    }

    private void WriteDouble(double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private ReadOnlyMemory<byte> Text()
    {
        if (cbor.PeekState() != CborReaderState.TextString)
        {
            return System.Text.Encoding.UTF8.GetBytes(cbor.ReadTextString());
        }

        var text = cbor.ReadDefiniteLengthTextStringBytes();
        return Utf8.IsValid(text.Span) ? text : throw new CborContentException("a text is not valid UTF-8");
    }
}
