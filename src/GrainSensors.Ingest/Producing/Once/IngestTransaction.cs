using System.Diagnostics;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Telemetry;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>
/// A producer for one transaction. Its transactional id is that of one client alone, so another client with the id ends whatever this
/// one does.
/// </summary>
internal sealed class IngestTransaction(
    string transactionalId, IProducer<byte[]?, byte[]?> producer, KafkaOptions options, Action<IngestTransaction> returned) : IDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    /// <summary>For the acknowledgement of all messages and the commit.</summary>
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(5);

    private readonly List<Activity> _spans = [];
    private int _refusedBytes;

    public string TransactionalId { get; } = transactionalId;

    public IProducer<byte[]?, byte[]?> Producer { get; } = producer;

    /// <summary>The next request may use the producer.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Writes the messages, all of them or none.</summary>
    /// <param name="messages">Of the readings.</param>
    /// <param name="record">The message to a partition of the topic of records.</param>
    /// <exception cref="TransactionAbortedException">Nothing is stored.</exception>
    /// <exception cref="PayloadTooLargeException">Nothing is stored: Kafka refuses the size of a message.</exception>
    /// <exception cref="KafkaUnavailableException">All messages are stored, or none.</exception>
    public Task CommitAsync(IEnumerable<IngestMessage> messages, (TopicPartition To, Message<byte[]?, byte[]?> Message) record) =>
        KafkaUnavailableException.GuardAsync(options, () => Task.Run(() => Commit(messages, record)));

    /// <summary>Nothing refers to the transactional id any more: what the transaction stored is answered, or nothing is stored.</summary>
    public void Complete() => IsComplete = true;

    public void Dispose() => returned(this);

    private void Commit(IEnumerable<IngestMessage> messages, (TopicPartition To, Message<byte[]?, byte[]?> Message) record)
    {
        Producer.BeginTransaction();
        try
        {
            foreach (var message in messages)
            {
                Produce(message);
            }

            Produce(record.To, record.Message, null);
            Commit(Stopwatch.GetTimestamp());
        }
        catch (Exception e)
        {
            // A transaction that was aborted stored nothing, unless the commit failed for good: then the abort fails, too.
            Fail(e.Message);
            Abort(e);
            throw Refused(e);
        }
    }

    private void Produce(IngestMessage message)
    {
        var span = ReadingTraces.Send(message.Topic);
        var headers = span is null ? new Headers() : ReadingTraces.Headers(span);
        if (span is not null)
        {
            _spans.Add(span);
        }

        foreach (var header in message.Headers)
        {
            headers.Add(header.Key, header.GetValueBytes());
        }

        Produce(new(message.Topic, Partition.Any), new() { Key = message.Key, Value = message.Value, Headers = headers }, span);
    }

    private void Produce(TopicPartition to, Message<byte[]?, byte[]?> message, Activity? span)
    {
        var length = message.Value!.Length;
        while (true)
        {
            try
            {
                Producer.Produce(to, message, report => Reported(report, span, length));
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                Producer.Flush(QueueFullPause);
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                Volatile.Write(ref _refusedBytes, Math.Max(1, length));
                throw;
            }
        }
    }

    private void Reported(DeliveryReport<byte[]?, byte[]?> report, Activity? span, int length)
    {
        if (!report.Error.IsError)
        {
            span?.SetTag("messaging.destination.partition.id", report.Partition.Value)
                .SetTag("messaging.kafka.offset", report.Offset.Value);
        }
        else if (report.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            Volatile.Write(ref _refusedBytes, Math.Max(1, length));
        }
    }

    private void Commit(long started)
    {
        while (true)
        {
            var left = CommitTimeout - Stopwatch.GetElapsedTime(started);
            try
            {
                Producer.CommitTransaction(left > QueueFullPause ? left : QueueFullPause);
                _spans.ForEach(span => span.Stop());
                return;
            }
            catch (KafkaRetriableException) when (Stopwatch.GetElapsedTime(started) < CommitTimeout)
            {
                // The first commit may have succeeded. A repeated commit is safe and returns the outcome.
            }
        }
    }

    /// <exception cref="KafkaException">The outcome is unknown.</exception>
    private void Abort(Exception reason)
    {
        if (reason is KafkaRetriableException or KafkaException { Error.IsFatal: true })
        {
            throw reason;
        }

        Producer.AbortTransaction(AbortTimeout);
    }

    private void Fail(string reason) => _spans.ForEach(span => ReadingTraces.NotSent(span, reason));

    private Exception Refused(Exception e) => Volatile.Read(ref _refusedBytes) is > 0 and var bytes
        ? new PayloadTooLargeException(
            FormattableString.Invariant($"A message of {bytes} bytes, or its batch, is larger than Kafka accepts ")
            + "(message.max.bytes of the client and the broker, max.message.bytes of the topic).",
            e)
        : e is KafkaException { Error: var error }
            ? new TransactionAbortedException($"Kafka did not take the messages: {error.Reason.TrimEnd('.')}{Cure(error.Code)}.", e)
        : e;

    private static string Cure(ErrorCode code) => KafkaPermissions.Of(code) is { } permission ? $"; give the user {permission}" : "";
}
