using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GrainSensors.Web.Formatting;

/// <summary>
/// The output of <c>--json</c>: one line, names as in the API, and only the escapes that JSON or a terminal requires.
/// </summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of<T>(T value)
    {
        var json = JsonSerializer.Serialize(value, Options);
        return json.Any(IsHidden) ? WithEscapes(json) : json;
    }

    /// <summary>JSON has these characters inside of strings only.</summary>
    private static string WithEscapes(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            _ = IsHidden(c) ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>Whether the character is invisible and changes how others are shown, such as the marks of right-to-left text.</summary>
    private static bool IsHidden(char c) => c > '~' && char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
