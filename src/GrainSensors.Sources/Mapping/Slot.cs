using System.Text.Json;

namespace GrainSensors.Sources.Mapping;

/// <summary>Where in its document a value stands.</summary>
/// <param name="Type">Of an object or array, its start; <see cref="JsonTokenType.None"/>: the value is missing.</param>
/// <param name="Start">The first byte, of a text that behind the quote.</param>
internal readonly record struct Slot(JsonTokenType Type, int Start, int Length, bool IsEscaped)
{
    public bool IsMissing => Type is JsonTokenType.None or JsonTokenType.Null;

    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> document) => document.Slice(Start, Length);

    public static Slot Of(ref readonly Utf8JsonReader reader)
    {
        var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        return new(reader.TokenType, (int)reader.TokenStartIndex + (isText ? 1 : 0), reader.ValueSpan.Length, reader.ValueIsEscaped);
    }
}
