using System.Text.Encodings.Web;
using System.Text.Json;

namespace GrainSensors.Web.Formatting;

/// <summary>What <c>--json</c> prints: one line, names in camel case, and no more escaped than JSON asks for.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
