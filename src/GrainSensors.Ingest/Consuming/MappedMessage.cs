using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Reads one message of a source after the other in the client's memory. For the consume thread only.</summary>
internal sealed class MappedMessage(MappedReadings readings)
{
    private readonly NativeHeaders _headers = new();

    /// <summary>The readings of the message.</summary>
    public MappedReadings Readings => readings;

    /// <param name="now">The wall clock, µs since the epoch.</param>
    public void Read(AssignedPartition partition, in NativeMessage message, long now)
    {
        if (message.IsTombstone)
        {
            readings.ReadTombstone(partition.Refusals, message.Offset, now);
            return;
        }

        _headers.Set(in message);
        var timestamp = MessageDetails.Timestamp(in message);
        var contents = new SourceMessage(message.Payload)
        {
            Key = message.Key,
            Topic = MessageDetails.TopicOf(in message),
            Timestamp = timestamp is { } millis ? millis * 1000 : SourceMessage.NoTime,
            Headers = _headers,
        };
        // Another producer may have a header of this name, which means something else.
        var isRequeued = !_headers.Find(DeadLetterHeaders.DeadLetterId).IsEmpty;
        var parts = isRequeued ? MessageParts.Parse(_headers.Find(DeadLetterHeaders.Parts)) : null;
        readings.Read(partition.Reader!, in contents, partition.Refusals, message.Offset, parts, now);
    }

    /// <returns>The dead letter of the readings that were rejected.</returns>
    public DeadLetter LetterOf(AssignedPartition partition, in NativeMessage message) => readings.Explain(new(
        partition.At.Topic, partition.Partition, message.Offset, RejectReason.None, "",
        message.IsTombstone ? null : message.Payload.ToArray(), MessageDetails.Attributes(in message)));
}
