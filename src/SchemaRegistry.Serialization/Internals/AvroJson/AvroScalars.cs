using System.Text.Json;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.AvroJson;

/// <summary>Values without parts.</summary>
/// <param name="write">Reads and writes a value.</param>
internal sealed class AvroScalar(AvroScalar.Writer write) : AvroNode
{
    public delegate void Writer(ref AvroBytes data, Utf8JsonWriter json);

    public static readonly AvroScalar Null = new((ref data, json) => json.WriteNullValue());
    public static readonly AvroScalar Boolean = new((ref data, json) => json.WriteBooleanValue(data.ReadBoolean()));
    public static readonly AvroScalar Int = new((ref data, json) => json.WriteNumberValue(data.ReadInt()));
    public static readonly AvroScalar Long = new((ref data, json) => json.WriteNumberValue(data.ReadLong()));
    public static readonly AvroScalar Float = new((ref data, json) => JsonValues.WriteFloat(json, data.ReadFloat()));
    public static readonly AvroScalar Double = new((ref data, json) => JsonValues.WriteDouble(json, data.ReadDouble()));
    public static readonly AvroScalar Bytes = new((ref data, json) => JsonValues.WriteBytes(json, data.ReadBytes()));

    public static readonly AvroScalar Text = new(
        (ref data, json) => json.WriteStringValue(JsonValues.CheckText(data.ReadBytes())));

    public static readonly AvroScalar Date = new((ref data, json) => JsonTimes.WriteDate(json, data.ReadInt()));

    public static AvroScalar Fixed(int size) => new((ref data, json) => JsonValues.WriteBytes(json, data.ReadFixed(size)));

    /// <param name="perSecond">The number of units in a second.</param>
    public static AvroScalar Timestamp(long perSecond, bool isUtc) =>
        new((ref data, json) => JsonTimes.Write(json, data.ReadLong(), perSecond, isUtc));

    /// <param name="size">The size of a fixed type; null: the value has its own.</param>
    public static AvroScalar Decimal(int scale, int? size) => new((ref data, json) =>
        JsonValues.WriteDecimal(json, size is { } length ? data.ReadFixed(length) : data.ReadBytes(), scale));

    public static AvroScalar Enumeration(IEnumerable<string> symbols)
    {
        JsonEncodedText[] texts = [.. symbols.Select(JsonValues.NameOf)];
        return new((ref data, json) =>
        {
            var at = data.ReadInt();
            json.WriteStringValue(
                (uint)at < (uint)texts.Length
                    ? texts[at]
                    : throw new InvalidDataException($"an enumeration has {texts.Length} symbols; got the symbol {at}"));
        });
    }

    public override void Write(ref AvroBytes data, Utf8JsonWriter json, int depth) => write(ref data, json);
}
