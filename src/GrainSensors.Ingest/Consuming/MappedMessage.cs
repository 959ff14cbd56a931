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
    /// <param name="schemaId">The id of a schema that must be fetched.</param>
    /// <returns>False: nothing was read, because the schema of the message must be fetched before.</returns>
    public bool TryRead(AssignedPartition partition, in NativeMessage message, long now, out int schemaId)
    {
        if (message.IsTombstone)
        {
            schemaId = 0;
            readings.ReadTombstone(partition.Refusals, message.Offset, now);
            return true;
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
        return readings.TryRead(partition.Reader!, in contents, partition.Refusals, message.Offset, parts, now, out schemaId);
    }

    /// <returns>The dead letter of the readings that were rejected.</returns>
    public DeadLetter LetterOf(AssignedPartition partition, in NativeMessage message) => readings.Explain(new(
        partition.At.Topic, partition.Partition, message.Offset, RejectReason.None, "",
        message.IsTombstone ? null : message.Payload.ToArray(), MessageDetails.Attributes(in message)));
}
