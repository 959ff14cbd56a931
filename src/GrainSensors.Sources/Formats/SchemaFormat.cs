using GrainSensors.Core.Text;
using GrainSensors.Sources.Mapping;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;
using GrainSensors.Sources.Schemas;
using SchemaRegistry.Serialization;

namespace GrainSensors.Sources.Formats;

/// <summary>Avro or Protobuf of a schema registry becomes JSON, by the schema that the message was written with.</summary>
/// <remarks>A schema never changes under its id, so what a message says still follows from its bytes alone.</remarks>
internal sealed class SchemaFormat(RegisteredSchemas schemas) : IPayloadFormat
{
    private const int MaxReason = 300;

    public bool IsConverted => true;

    public bool HasMany => false;

    /// <summary>The schemas of the registry.</summary>
    public RegisteredSchemas Schemas => schemas;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        switch (schemas.StateOf(message.Value, out var id, out var reason))
        {
            case SchemaState.Unknown:
                documents.Await(id);
                return;
            case SchemaState.Refused:
                documents.Reject(new Fault(SourceRejectReason.NoSchema, ClauseOf(reason!)));
                return;
            case SchemaState.Unframed:
                documents.Reject(ClauseOf(reason!));
                return;
        }

        try
        {
            Write(documents, message.Value);
        }
        catch (SchemaRegistryUnavailableException)
        {
            // Another thread has filled the cache with other schemas in between.
            documents.Await(id);
        }
        catch (SchemaFormatException e)
        {
            documents.Reject(ClauseOf(e.Message));
        }
    }

    /// <returns>A sentence as a clause without a full stop, safe to print.</returns>
    public static string ClauseOf(string sentence) =>
        PrintableText.Escape($"{char.ToLowerInvariant(sentence[0])}{sentence.AsSpan(1).TrimEnd('.')}", MaxReason);

    private void Write(DocumentList documents, ReadOnlySpan<byte> message)
    {
        // Without disposing: that would write what is left of a broken message.
        var json = documents.NewWriter();
        schemas.WriteJson(message, json);
        json.Flush();
        documents.Add(0, documents.Json.Length);
    }
}
