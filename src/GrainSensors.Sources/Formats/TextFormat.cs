using System.Text.Unicode;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>One value as plain text becomes a JSON string; the path of the value is empty.</summary>
internal sealed class TextFormat : IPayloadFormat
{
    public bool IsConverted => true;

    public bool HasMany => false;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        var text = message.Value.Trim(" \t\r\n"u8);
        if (!Utf8.IsValid(text))
        {
            documents.Reject("the message is not valid UTF-8");
            return;
        }

        using var json = documents.NewWriter();
        CellValue.Write(json, text);
        json.Flush();
        documents.Add(0, documents.Json.Length);
    }
}
