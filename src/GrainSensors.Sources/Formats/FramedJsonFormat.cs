using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>JSON behind the header of a schema registry: the byte 0 and the id of a JSON schema, 4 bytes.</summary>
/// <remarks>The JSON says everything by itself, so neither the schema nor the registry is needed.</remarks>
internal sealed class FramedJsonFormat : IPayloadFormat
{
    private const int HeaderLength = 5;

    public bool IsConverted => false;

    public bool HasMany => false;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        if (message.Value.Length < HeaderLength)
        {
            documents.Reject(FormattableString.Invariant(
                $"a message with a schema id has at least {HeaderLength} bytes; got {message.Value.Length}"));
        }
        else if (message.Value[0] != 0)
        {
            documents.Reject(FormattableString.Invariant(
                $"a message with a schema id starts with the byte 0; got {message.Value[0]}"));
        }
        else
        {
            documents.Add(HeaderLength, message.Value.Length - HeaderLength);
        }
    }
}
