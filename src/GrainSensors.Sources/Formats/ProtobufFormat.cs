using GrainSensors.Sources.Messages;
using SchemaRegistry.Serialization;

namespace GrainSensors.Sources.Formats;

/// <summary>Protobuf without a schema id becomes JSON, by the descriptor of its type.</summary>
internal sealed class ProtobufFormat(ProtobufMessageConverter converter) : IPayloadFormat
{
    public bool IsConverted => true;

    public bool HasMany => false;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        // Without disposing: that would write what is left of a broken message.
        var json = documents.NewWriter();
        try
        {
            converter.WriteJson(message.Value, json);
            json.Flush();
            documents.Add(0, documents.Json.Length);
        }
        catch (SchemaFormatException e)
        {
            documents.Reject(SchemaFormat.ClauseOf(e.Message));
        }
    }
}
