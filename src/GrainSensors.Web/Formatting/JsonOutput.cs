using System.Text.Encodings.Web;
using System.Text.Json;

namespace GrainSensors.Web.Formatting;

/// <summary>The output of <c>--json</c>: one line, names in camel case, and only the escapes that JSON requires.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
