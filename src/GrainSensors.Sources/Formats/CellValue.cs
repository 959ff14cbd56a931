using System.Text;
using System.Text.Json;
using GrainSensors.Sources.Mapping;

namespace GrainSensors.Sources.Formats;

/// <summary>Writes a value that has no type as JSON.</summary>
internal static class CellValue
{
    private static readonly string[] Yes = ["true", "on"];
    private static readonly string[] No = ["false", "off"];

    /// <param name="text">Valid UTF-8.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (NumberText.IsJson(text))
        {
            json.WriteRawValue(text, skipInputValidation: true);
        }
        else if (IsOneOf(text, Yes) || IsOneOf(text, No))
        {
            json.WriteBooleanValue(IsOneOf(text, Yes));
        }
        else if (text.IsEmpty)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    private static bool IsOneOf(ReadOnlySpan<byte> text, string[] words)
    {
        foreach (var word in words)
        {
            if (Ascii.EqualsIgnoreCase(text, word))
            {
                return true;
            }
        }

        return false;
    }
}
