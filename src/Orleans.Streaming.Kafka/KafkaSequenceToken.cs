using System.Globalization;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// A position in a stream: the partition of a topic, the offset of a message in it, and the index of the event in the message. A token
/// is valid as long as Kafka retains the message. An application may store it and resume from it after a restart.
/// </summary>
/// <remarks>
/// A subscription that resumes from a token of another partition, or of a topic that was deleted and created again, receives all
/// messages of the stream that Kafka retains in its current partition. A token without a partition means the current one.
/// </remarks>
[GenerateSerializer, Immutable, Alias("kafka-streams.token")]
[DataContract]
public sealed class KafkaSequenceToken : StreamSequenceToken
{
    /// <summary>The oldest message of the stream that Kafka retains.</summary>
    public static readonly KafkaSequenceToken Beginning = new(0, 0);

    [Id(2)]
    private readonly Guid _topicId;

    [Id(3)]
    private readonly int _partition;

    /// <summary>Creates a token of the current partition of its stream.</summary>
    /// <param name="sequenceNumber">The offset of the message.</param>
    /// <param name="eventIndex">The index of the event in the message, from 0.</param>
    public KafkaSequenceToken(long sequenceNumber, int eventIndex)
        : this(sequenceNumber, eventIndex, null, null)
    {
    }

    /// <summary>Creates a token.</summary>
    /// <param name="sequenceNumber">The offset of the message.</param>
    /// <param name="eventIndex">The index of the event in the message, from 0.</param>
    /// <param name="topicId">The id of the topic; null means the current topic and partition of the stream.</param>
    /// <param name="partition">The partition of the message.</param>
    [JsonConstructor]
    public KafkaSequenceToken(long sequenceNumber, int eventIndex, Guid? topicId, int? partition)
        : this(sequenceNumber, eventIndex, topicId ?? default, partition ?? 0, isOfDelivery: false)
    {
    }

    /// <summary>
    /// For Newtonsoft.Json, which Orleans' grain storages use: of several public constructors it takes none, and it sets the members of
    /// the data contract instead.
    /// </summary>
    private KafkaSequenceToken()
    {
    }

    internal KafkaSequenceToken(long sequenceNumber, int eventIndex, Guid topicId, int partition, bool isOfDelivery)
    {
        (SequenceNumber, EventIndex) = (sequenceNumber, eventIndex);
        (_topicId, _partition, IsOfDelivery) = (topicId, partition, isOfDelivery);
    }

    /// <summary>The offset of the message in its partition.</summary>
    [Id(0), DataMember]
    public override long SequenceNumber { get; protected set; }

    /// <summary>The index of the event in the message, from 0.</summary>
    [Id(1), DataMember]
    public override int EventIndex { get; protected set; }

    /// <summary>The id of the topic, new for a topic that was deleted and created again; null in tokens of older versions.</summary>
    [DataMember]
    public Guid? TopicId
    {
        get => _topicId == default ? null : _topicId;
        private init => _topicId = value ?? default;
    }

    /// <summary>The partition of the message; null in tokens of older versions.</summary>
    [DataMember]
    public int? Partition
    {
        get => _topicId == default ? null : _partition;
        private init => _partition = value ?? 0;
    }

    /// <summary>
    /// Whether the token is that of a delivery and not of an event. Orleans resumes a delivery from it, and an application from the
    /// token of an event.
    /// </summary>
    [Id(4)]
    internal bool IsOfDelivery { get; }

    /// <inheritdoc/>
    public override bool Equals(StreamSequenceToken? other) =>
        other is not null && !IsElsewhere(other) && SequenceNumber == other.SequenceNumber && EventIndex == other.EventIndex;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);

    /// <summary>
    /// Compares two positions. Tokens of the same partition have the order of their messages. Tokens of different partitions have an
    /// order without a meaning.
    /// </summary>
    /// <param name="other">The other token.</param>
    /// <returns>A negative number, 0 or a positive number.</returns>
    public override int CompareTo(StreamSequenceToken? other) => other is null ? 1
        : other is KafkaSequenceToken elsewhere && IsElsewhere(other) ? CompareSource(elsewhere)
        : SequenceNumber != other.SequenceNumber ? SequenceNumber.CompareTo(other.SequenceNumber)
        : EventIndex.CompareTo(other.EventIndex);

    /// <inheritdoc/>
    public override string ToString() => _topicId == default
        ? string.Create(CultureInfo.InvariantCulture, $"{SequenceNumber}:{EventIndex}")
        : string.Create(CultureInfo.InvariantCulture, $"{SequenceNumber}:{EventIndex} [{_partition}]");

    /// <summary>Whether both tokens have a partition, and not the same one.</summary>
    internal bool IsElsewhere(StreamSequenceToken other) => other is KafkaSequenceToken token
        && _topicId != default && token._topicId != default && (_topicId != token._topicId || _partition != token._partition);

    /// <summary>The token of an event of this message.</summary>
    internal KafkaSequenceToken OfEvent(int index) => new(SequenceNumber, index, _topicId, _partition, isOfDelivery: false);

    /// <summary>The token of a delivery whose last event has this index.</summary>
    internal KafkaSequenceToken OfDelivery(int index) => new(SequenceNumber, index, _topicId, _partition, isOfDelivery: true);

    /// <summary>
    /// The agent skips messages that are not later than the subscriber's position. So a message that is being delivered is later than
    /// each position in another partition.
    /// </summary>
    private int CompareSource(KafkaSequenceToken other) => IsOfDelivery ? 1
        : other.IsOfDelivery ? -1
        : _topicId != other._topicId ? _topicId.CompareTo(other._topicId)
        : _partition.CompareTo(other._partition);
}
