using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Makes the messages of dead letters again, with their keys, headers and timestamps.</summary>
/// <param name="deadLetterTopic">The dead-letter topic.</param>
internal sealed class RestoredMessages(string deadLetterTopic, RejectionRules rules, TimeProvider clock)
{
    public string DeadLetterTopic => deadLetterTopic;

    /// <returns>Why the pipeline would reject the message again, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Judge(DeadLetterMessage deadLetter) => rules.Parse(deadLetter.Bytes, EpochTime.Now(clock), out _);

    public Message<byte[]?, byte[]?> Of(DeadLetterMessage deadLetter)
    {
        var headers = new Headers();
        foreach (var header in deadLetter.Message?.Headers ?? [])
        {
            // An earlier requeue of the same message set these.
            if (header.Key is not (DeadLetterHeaders.DeadLetterId or DeadLetterHeaders.DeadLetterTopic)
                && (header.Key != DeadLetterHeaders.Parts || deadLetter.Parts is null))
            {
                headers.Add(header.Key, header.GetValueBytes());
            }
        }

        headers.AddText(DeadLetterHeaders.DeadLetterId, deadLetter.Id.ToString());
        headers.AddText(DeadLetterHeaders.DeadLetterTopic, deadLetterTopic);
        if (deadLetter.Parts is { } parts)
        {
            headers.AddText(DeadLetterHeaders.Parts, parts);
        }

        return new() { Key = deadLetter.RequeueKey, Value = deadLetter.Bytes, Headers = headers, Timestamp = TimestampOf(deadLetter) };
    }

    /// <returns>
    /// The timestamp of the message. For a reading that was ahead of the clock the present time: the log must show that it was not
    /// ahead when it was accepted.
    /// </returns>
    private Timestamp TimestampOf(DeadLetterMessage deadLetter)
    {
        if (deadLetter.Message?.Timestamp is not { } appended)
        {
            return Timestamp.Default;
        }

        var isReading = rules.Parse(deadLetter.Bytes, EpochTime.Now(clock), out var reading) == RejectReason.None;
        return isReading && !rules.IsJustified(reading.Timestamp, appended)
            ? Timestamp.Default
            : new(appended, TimestampType.CreateTime);
    }
}
