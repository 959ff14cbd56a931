using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// A record that marks a dead letter as requeued: a null value whose headers name the dead letter and the topic of its bytes.
/// It is in the partition of the dead letter and outlives it.
/// </summary>
/// <param name="At">When the marker was written, to the millisecond, UTC.</param>
/// <param name="To">The topic that the bytes were produced to.</param>
public sealed record RequeueMarker(DateTimeOffset At, string To)
{
    /// <remarks>A dead letter may have a header of this name from its message, but then it counts the headers of its message.</remarks>
    internal static bool IsMarker(Message<byte[]?, byte[]?> record) =>
        record.Value is null
        && record.Headers.Text(DeadLetterHeaders.Marker) is not null
        && record.Headers.Text(DeadLetterHeaders.SourceHeaders) is null;

    /// <returns>False: this version does not know the kind of marker.</returns>
    internal static bool TryRead(Message<byte[]?, byte[]?> record, out DeadLetterId deadLetter, out RequeueMarker marker)
    {
        marker = new(new(record.Timestamp.UtcDateTime), record.Headers.Text(DeadLetterHeaders.RequeuedTo) ?? "");
        return DeadLetterId.TryParse(record.Headers.Text(DeadLetterHeaders.MarkedLetter), out deadLetter)
            && record.Headers.Text(DeadLetterHeaders.Marker) == DeadLetterHeaders.Requeued;
    }

    internal static Message<byte[]?, byte[]?> Of(DeadLetterId deadLetter, DeadLetterSource source)
    {
        var headers = new Headers();
        headers.AddText(DeadLetterHeaders.Marker, DeadLetterHeaders.Requeued);
        headers.AddText(DeadLetterHeaders.MarkedLetter, deadLetter.ToString());
        headers.AddText(DeadLetterHeaders.SourceTopic, source.Topic);
        headers.AddNumber(DeadLetterHeaders.SourcePartition, source.Partition);
        headers.AddNumber(DeadLetterHeaders.SourceOffset, source.Offset);
        headers.AddText(DeadLetterHeaders.RequeuedTo, source.Topic);
        return new() { Headers = headers };
    }
}
