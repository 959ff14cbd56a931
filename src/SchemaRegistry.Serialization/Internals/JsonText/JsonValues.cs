using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace SchemaRegistry.Serialization.Internals.JsonText;

/// <summary>Writes values that JSON has no types for.</summary>
internal static class JsonValues
{
    /// <summary>Maximum number of objects and arrays inside of each other, which readers of JSON accept by default.</summary>
    public const int MaxDepth = 64;

    /// <summary>Maximum number of digits behind the point.</summary>
    public const int MaxScale = 1000;

    /// <summary>Maximum size of the number of a decimal. Larger ones take long to be written as digits.</summary>
    private const int MaxDecimalBytes = 64;

    private const int MaxEncodedOnStack = 1024;

    /// <returns>The name of a member. Only what JSON forbids is escaped, as <see cref="Utf8JsonWriter"/> does with this encoder.</returns>
    public static JsonEncodedText NameOf(string name) => JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    /// <exception cref="InvalidDataException">The value would be deeper than <see cref="MaxDepth"/>.</exception>
    public static void RequireDepth(int depth)
    {
        if (depth >= MaxDepth)
        {
            throw new InvalidDataException($"it has more than {MaxDepth} levels");
        }
    }

    /// <summary>Writes a number; null if it is not finite.</summary>
    public static void WriteFloat(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>Writes a number; null if it is not finite.</summary>
    public static void WriteDouble(Utf8JsonWriter json, double value)
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

    /// <exception cref="InvalidDataException">The text is not valid UTF-8.</exception>
    public static ReadOnlySpan<byte> CheckText(ReadOnlySpan<byte> utf8) =>
        Utf8.IsValid(utf8) ? utf8 : throw new InvalidDataException("a text is not valid UTF-8");

    /// <summary>Writes bytes in base64url.</summary>
    public static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<byte> bytes)
    {
        var length = Base64Url.GetEncodedLength(bytes.Length);
        var text = length <= MaxEncodedOnStack ? stackalloc byte[length] : new byte[length];
        Base64Url.EncodeToUtf8(bytes, text);
        json.WriteStringValue(text);
    }

    /// <summary>Writes unscaled × 10^−scale as a number with all of its digits.</summary>
    /// <param name="unscaled">A big-endian number in two's complement; no bytes are 0.</param>
    /// <param name="scale">From 0 to <see cref="MaxScale"/>.</param>
    /// <exception cref="InvalidDataException">The number is too large.</exception>
    public static void WriteDecimal(Utf8JsonWriter json, ReadOnlySpan<byte> unscaled, int scale)
    {
        if (unscaled.Length > MaxDecimalBytes)
        {
            throw new InvalidDataException($"a decimal must have at most {MaxDecimalBytes} bytes; got {unscaled.Length}");
        }

        if (unscaled.Length <= sizeof(long) && scale <= MaxScaleOfDecimal)
        {
            var value = unscaled.Length > 0 ? (long)(sbyte)unscaled[0] : 0;
            for (var i = 1; i < unscaled.Length; i++)
            {
                value = (value << 8) | unscaled[i];
            }

            var digits = (ulong)(value < 0 ? -value : value);
            json.WriteNumberValue(new decimal((int)digits, (int)(digits >> 32), 0, value < 0, (byte)scale));
            return;
        }

        var number = new BigInteger(unscaled, isBigEndian: true);
        var text = BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        json.WriteRawValue($"{(number.Sign < 0 ? "-" : "")}{(scale == 0 ? text : $"{text[..^scale]}.{text[^scale..]}")}");
    }

    /// <summary>The digits behind the point that a <see cref="decimal"/> can have.</summary>
    private const int MaxScaleOfDecimal = 28;
}
