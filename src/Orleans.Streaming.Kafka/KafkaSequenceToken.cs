using System.Globalization;
using System.Text.Json.Serialization;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// A position in a stream: the offset of a message in its partition, and the index of the event in the message. A token is valid as
/// long as Kafka retains the message. An application may store it and resume from it after a restart.
/// </summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.token")]
public sealed class KafkaSequenceToken : StreamSequenceToken
{
    /// <summary>The oldest message of the stream that Kafka retains.</summary>
    public static readonly KafkaSequenceToken Beginning = new(0, 0);

    /// <summary>Creates a token.</summary>
    /// <param name="sequenceNumber">The offset of the message.</param>
    /// <param name="eventIndex">The index of the event in the message, from 0.</param>
    [JsonConstructor]
    public KafkaSequenceToken(long sequenceNumber, int eventIndex)
    {
        SequenceNumber = sequenceNumber;
        EventIndex = eventIndex;
    }

    /// <summary>The offset of the message in its partition.</summary>
    [Id(0)]
    public override long SequenceNumber { get; protected set; }

    /// <summary>The index of the event in the message, from 0.</summary>
    [Id(1)]
    public override int EventIndex { get; protected set; }

    /// <inheritdoc/>
    public override bool Equals(StreamSequenceToken? other) =>
        other is not null && SequenceNumber == other.SequenceNumber && EventIndex == other.EventIndex;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);

    /// <inheritdoc/>
    public override int CompareTo(StreamSequenceToken? other) => other is null ? 1
        : SequenceNumber != other.SequenceNumber ? SequenceNumber.CompareTo(other.SequenceNumber)
        : EventIndex.CompareTo(other.EventIndex);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SequenceNumber}:{EventIndex}");
}
