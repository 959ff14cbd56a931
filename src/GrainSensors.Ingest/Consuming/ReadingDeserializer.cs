using Confluent.Kafka;
using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Parses where the client's buffer lies, so that no value is copied unless it is rejected.</summary>
internal sealed class ReadingDeserializer(ReadingParser parser, Expiry expiry) : IDeserializer<ParsedMessage>
{
    /// <summary>Against which readings from the future are judged, µs since the epoch; whoever polls sets it now and then.</summary>
    public long WallClock { get; set; }

    public ParsedMessage Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        ParsedMessage message = default;
        if (isNull)
        {
            message.Reason = RejectReason.Tombstone;
            return message;
        }

        message.Reason = parser.Parse(data, WallClock, out message.Reading);
        if (message.Reason == RejectReason.None && expiry.Has(message.Reading.Timestamp, WallClock))
        {
            message.Reason = RejectReason.Expired;
        }

        if (message.Reason != RejectReason.None)
        {
            message.Rejected = data.ToArray();
        }

        return message;
    }
}
