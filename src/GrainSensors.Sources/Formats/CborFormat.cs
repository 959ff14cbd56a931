using System.Formats.Cbor;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>CBOR becomes JSON as RFC 8949, section 6.1, advises: numbers that are not finite become null, bytes base64url.</summary>
internal sealed class CborFormat : IPayloadFormat
{
    public bool IsConverted => true;

    public bool HasMany => false;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        // Without disposing: that would write what is left of a broken message.
        var json = documents.NewWriter();
        try
        {
            var cbor = new CborReader(message.Value.ToArray(), CborConformanceMode.Lax);
            new CborToJson(cbor, json).WriteValue(0);
            json.Flush();
            if (cbor.BytesRemaining > 0)
            {
                documents.Reject($"the message has {cbor.BytesRemaining} bytes behind its CBOR value");
                return;
            }

            documents.Add(0, documents.Json.Length);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            documents.Reject($"the message is not valid CBOR: {e.Message.TrimEnd('.')}");
        }
    }
}
