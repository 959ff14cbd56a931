using System.Text.Encodings.Web;
using System.Text.Json;

namespace GrainSensors.Web.Formatting;

/// <summary>The output of <c>--json</c>: one line, names as in the API, and only the escapes that JSON requires.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
