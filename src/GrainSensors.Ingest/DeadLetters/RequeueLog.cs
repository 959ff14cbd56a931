using System.Collections.Concurrent;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Where a requeue writes: the readings to their topics, the marks to the dead-letter topic.</summary>
/// <param name="topic">The dead-letter topic.</param>
internal abstract class RequeueLog(IProducer<byte[]?, byte[]?> producer, string topic) : IDisposable
{
    private readonly string _topic = topic;

    /// <summary>Failures of the letter itself; trying again, or others with it, would not help it or harm them.</summary>
    private static readonly ErrorCode[] OfTheLetter =
    [
        ErrorCode.MsgSizeTooLarge, ErrorCode.InvalidMsg, ErrorCode.InvalidRecord, ErrorCode.PolicyViolation, ErrorCode.InvalidTimestamp,
        ErrorCode.TopicAuthorizationFailed, ErrorCode.UnknownTopicOrPart, ErrorCode.Local_UnknownTopic,
    ];

    protected IProducer<byte[]?, byte[]?> Producer { get; } = producer;

    /// <summary>Writes the readings of a batch and marks their letters.</summary>
    /// <returns>The letters that could not be written, and why; the others are requeued.</returns>
    /// <exception cref="KafkaException">The log takes nothing any more.</exception>
    public abstract IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch);

    public void Dispose() => Producer.Dispose();

    /// <summary>Hands a letter's bytes to the client, as a reading.</summary>
    protected void ProduceReading(DeadLetterRecord filed, Deliveries deliveries)
    {
        var (letter, source) = (filed.Letter, filed.Letter.Source!);
        var headers = new Headers();
        headers.AddText(DeadLetterHeaders.DeadLetterId, letter.Id.ToString());
        headers.AddText(DeadLetterHeaders.DeadLetterTopic, _topic);
        var reading = new Message<byte[]?, byte[]?> { Key = SensorKey.Of(letter.Bytes), Value = letter.Bytes, Headers = headers };
        Produce(new(source.Topic, Partition.Any), reading, filed, deliveries);
    }

    /// <summary>Hands the marks of a letter and its copies to the client.</summary>
    protected void ProduceMarks(DeadLetterRecord filed, Deliveries deliveries)
    {
        foreach (var id in filed.Copies)
        {
            Produce(new(_topic, id.Partition), RequeueMark.Of(id, filed.Letter.Source!), filed, deliveries);
        }
    }

    private void Produce(TopicPartition to, Message<byte[]?, byte[]?> message, DeadLetterRecord filed, Deliveries deliveries)
    {
        try
        {
            Producer.Produce(to, message, report => deliveries.Report(filed, report.Error));
        }
        catch (ProduceException<byte[]?, byte[]?> e)
        {
            deliveries.Report(filed, e.Error);
        }
    }

    /// <summary>What became of the messages of a batch. Reports come on the client's thread.</summary>
    protected sealed class Deliveries
    {
        private readonly ConcurrentDictionary<DeadLetterRecord, Error> _undelivered = new(ReferenceEqualityComparer.Instance);

        /// <summary>Letters of which a message failed, whatever for.</summary>
        public IReadOnlyDictionary<DeadLetterRecord, Error> Undelivered => _undelivered;

        /// <summary>Letters of which a message failed for what they are.</summary>
        public IReadOnlyDictionary<DeadLetterRecord, string> Refused =>
            _undelivered.Where(failed => IsOfTheLetter(failed.Value)).ToDictionary(failed => failed.Key, failed => failed.Value.Reason);

        public void Report(DeadLetterRecord filed, Error error)
        {
            if (error.IsError)
            {
                // What is refused makes the client fail the rest of its transaction: the refusal is what has to be told.
                _undelivered.AddOrUpdate(filed, error, (_, known) => IsOfTheLetter(known) ? known : error);
            }
        }

        private static bool IsOfTheLetter(Error error) => Array.IndexOf(OfTheLetter, error.Code) >= 0;
    }
}
