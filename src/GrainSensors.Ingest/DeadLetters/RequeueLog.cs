using System.Collections.Concurrent;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Writes a requeue: readings to their source topics, and markers to the dead-letter topic.</summary>
/// <param name="producer">The producer.</param>
/// <param name="restored">Restores the messages.</param>
internal abstract class RequeueLog(IProducer<byte[]?, byte[]?> producer, RestoredMessages restored) : IDisposable
{
    /// <summary>Errors that the dead letter itself causes. A retry would fail again, and other dead letters are not affected.</summary>
    private static readonly ErrorCode[] OfTheMessage =
    [
        ErrorCode.MsgSizeTooLarge, ErrorCode.InvalidMsg, ErrorCode.InvalidRecord, ErrorCode.PolicyViolation, ErrorCode.InvalidTimestamp,
        ErrorCode.TopicAuthorizationFailed, ErrorCode.UnknownTopicOrPart, ErrorCode.Local_UnknownTopic,
    ];

    protected IProducer<byte[]?, byte[]?> Producer { get; } = producer;

    /// <summary>Writes the readings and the markers of a batch.</summary>
    /// <returns>The dead letters that could not be written, and why. All others are requeued.</returns>
    /// <exception cref="KafkaException">Kafka accepts no more messages.</exception>
    public abstract IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch);

    public void Dispose() => Producer.Dispose();

    /// <summary>Passes the message of a dead letter to the client.</summary>
    protected void ProduceReading(DeadLetterRecord record, Deliveries deliveries) =>
        Produce(new(record.Message.Source!.Topic, Partition.Any), restored.Of(record.Message), record, deliveries);

    /// <summary>Passes the markers of a dead letter and its copies to the client.</summary>
    protected void ProduceMarkers(DeadLetterRecord record, Deliveries deliveries)
    {
        foreach (var id in record.Copies)
        {
            Produce(new(restored.DeadLetterTopic, id.Partition), RequeueMarker.Of(id, record.Message.Source!), record, deliveries);
        }
    }

    private void Produce(TopicPartition to, Message<byte[]?, byte[]?> message, DeadLetterRecord record, Deliveries deliveries)
    {
        try
        {
            Producer.Produce(to, message, report => deliveries.Report(record, report.Error));
        }
        catch (ProduceException<byte[]?, byte[]?> e)
        {
            deliveries.Report(record, e.Error);
        }
    }

    /// <summary>The delivery reports of a batch. The client reports on its own thread.</summary>
    protected sealed class Deliveries
    {
        private readonly ConcurrentDictionary<DeadLetterRecord, Error> _undelivered = new(ReferenceEqualityComparer.Instance);

        /// <summary>Dead letters whose message was not delivered, each with the error.</summary>
        public IReadOnlyDictionary<DeadLetterRecord, Error> Undelivered => _undelivered;

        /// <summary>Dead letters that Kafka refused because of the message itself, each with the reason.</summary>
        public IReadOnlyDictionary<DeadLetterRecord, string> Refused =>
            _undelivered.Where(failed => IsOfTheMessage(failed.Value)).ToDictionary(failed => failed.Key, failed => failed.Value.Reason);

        public void Report(DeadLetterRecord record, Error error)
        {
            if (error.IsError)
            {
                // A refused message makes the client fail the rest of its transaction. The refusal is the error to report.
                _undelivered.AddOrUpdate(record, error, (_, known) => IsOfTheMessage(known) ? known : error);
            }
        }

        private static bool IsOfTheMessage(Error error) => Array.IndexOf(OfTheMessage, error.Code) >= 0;
    }
}
