using System.Text.Json;

namespace GrainSensors.Sources.Formats;

/// <summary>Writes a value that has no type as JSON: as text, so that the mapping decides what it is. Empty text is null.</summary>
internal static class CellValue
{
    /// <param name="text">Valid UTF-8.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStringValue(text);
        }
    }
}
