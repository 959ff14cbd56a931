using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// What a requeue leaves behind in the letter's own partition, where it outlives the letter: a null value whose
/// headers say which letter it was, and where its bytes went.
/// </summary>
/// <param name="At">When it was written, to the millisecond, UTC.</param>
/// <param name="To">The topic that the bytes were produced to.</param>
public sealed record RequeueMark(DateTimeOffset At, string To)
{
    internal static bool IsMark(Message<Ignore, byte[]?> record) => record.Value is null && record.Headers.Text(DeadLetterHeaders.Mark) is not null;

    /// <returns>False: it marks something that this version does not know.</returns>
    internal static bool TryRead(Message<Ignore, byte[]?> record, out DeadLetterId letter, out RequeueMark mark)
    {
        mark = new(new(record.Timestamp.UtcDateTime), record.Headers.Text(DeadLetterHeaders.RequeuedTo) ?? "");
        return DeadLetterId.TryParse(record.Headers.Text(DeadLetterHeaders.Letter), out letter)
            && record.Headers.Text(DeadLetterHeaders.Mark) == DeadLetterHeaders.Requeued;
    }

    internal static Message<byte[]?, byte[]?> Of(DeadLetterId letter, DeadLetterSource source)
    {
        var headers = new Headers();
        headers.AddText(DeadLetterHeaders.Mark, DeadLetterHeaders.Requeued);
        headers.AddText(DeadLetterHeaders.Letter, letter.ToString());
        headers.AddText(DeadLetterHeaders.SourceTopic, source.Topic);
        headers.AddNumber(DeadLetterHeaders.SourcePartition, source.Partition);
        headers.AddNumber(DeadLetterHeaders.SourceOffset, source.Offset);
        headers.AddText(DeadLetterHeaders.RequeuedTo, source.Topic);
        return new() { Headers = headers };
    }
}
