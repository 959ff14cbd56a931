using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Consuming;

/// <summary>What a message turned out to be: a reading without its offset, or a reason why it is none.</summary>
internal struct ParsedMessage
{
    public Reading Reading;

    public RejectReason Reason;

    /// <summary>The value as it came, of a message that is rejected; null for a tombstone.</summary>
    public byte[]? Rejected;
}
