using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GrainSensors.Contacts.Kinds;

internal static class ContactJson
{
    /// <summary>
    /// Members have the names of the code; null members are left out. Texts stay readable: no receiver puts the JSON into HTML.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
