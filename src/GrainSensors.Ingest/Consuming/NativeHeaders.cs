using System.Runtime.CompilerServices;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Finds headers of one message after the other in the client's memory.</summary>
internal sealed unsafe class NativeHeaders : IMessageHeaders
{
    private NativeMessage* _message;

    /// <summary>The message, until its release.</summary>
    public void Set(in NativeMessage message) => _message = (NativeMessage*)Unsafe.AsPointer(ref Unsafe.AsRef(in message));

    public ReadOnlySpan<byte> Find(string name) => MessageDetails.Header(in *_message, name);
}
