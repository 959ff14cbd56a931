using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>Makes the JSON documents of a message. One thread at a time may use it.</summary>
internal interface IPayloadFormat
{
    /// <summary>Whether the documents are in <see cref="DocumentList.Json"/>, and not in the message itself.</summary>
    bool IsConverted { get; }

    /// <summary>Whether a message may have several documents.</summary>
    bool HasMany { get; }

    void Read(scoped in SourceMessage message, DocumentList documents);
}
