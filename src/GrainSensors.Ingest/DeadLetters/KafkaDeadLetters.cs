using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Writes dead letters to the dead-letter topic: the unchanged bytes, key and headers, followed by headers with the reason and the
/// source. Kafka's timestamp of a dead letter is the time of its write, as the topic's retention counts from it.
/// </summary>
/// <remarks>One device can make every message a dead letter, so that writing them must not take longer than reading them.</remarks>
internal sealed class KafkaDeadLetters : IDeadLetterSink, IDisposable
{
    /// <summary>
    /// The number of bytes kept of a dead letter that Kafka refuses for its size: enough to recognize the message. Headers and key are
    /// kept if both together are not longer.
    /// </summary>
    private const int TruncatedLength = 64 * 1024;

    /// <summary>The headers of a dead letter that its message does not have.</summary>
    private const int MaxOwnHeaders = 9;

    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    private readonly DeadLetterBatches _batches = new();
    private readonly Lazy<BulkProducer> _producer;

    public KafkaDeadLetters(KafkaClients clients) =>
        _producer = new(() => clients.BulkProducer(clients.Options.DeadLetterTopic, Linger, new Reports(this, clients)));

    public async Task<FailedDeadLetters?> WriteAsync(IReadOnlyList<DeadLetter> deadLetters, CancellationToken cancellationToken)
    {
        var batch = _batches.Begin(deadLetters);
        try
        {
            for (var i = 0; i < deadLetters.Count; i++)
            {
                while (!TryProduce(batch, i))
                {
                    await Task.Delay(QueueFullPause, cancellationToken);
                }
            }

            return await batch.Settled.WaitAsync(cancellationToken);
        }
        finally
        {
            _batches.End(batch);
        }
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }

    private static DeadLetter Truncate(DeadLetter deadLetter) => deadLetter with
    {
        Bytes = deadLetter.Bytes is { Length: > TruncatedLength } bytes ? bytes[..TruncatedLength] : deadLetter.Bytes,
        Message = deadLetter.Message.Size > TruncatedLength
            ? MessageAttributes.None with { Timestamp = deadLetter.Message.Timestamp }
            : deadLetter.Message,
    };

    /// <returns>False: the queue of the client is full.</returns>
    private bool TryProduce(DeadLetterBatches.Batch batch, int index)
    {
        var error = Produce(batch, index, isTruncated: false);
        if (error is not (ErrorCode.NoError or ErrorCode.Local_QueueFull))
        {
            Failed(batch, index, isTruncated: false, new(error));
        }

        return error != ErrorCode.Local_QueueFull;
    }

    private ErrorCode Produce(DeadLetterBatches.Batch batch, int index, bool isTruncated)
    {
        var whole = batch.DeadLetters[index];
        var deadLetter = isTruncated ? Truncate(whole) : whole;
        var headers = HeadersOf(deadLetter, isTruncated ? whole.Size : null);
        try
        {
            return _producer.Value.Produce(deadLetter.Message.Key, deadLetter.Bytes, ref headers, batch.TagOf(index, isTruncated));
        }
        finally
        {
            headers.Dispose();
        }
    }

    /// <summary>A dead letter that is too large goes in part.</summary>
    private void Failed(DeadLetterBatches.Batch batch, int index, bool isTruncated, Error reason)
    {
        if (!isTruncated && reason.Code == ErrorCode.MsgSizeTooLarge && batch.DeadLetters[index].Size > TruncatedLength)
        {
            var error = Produce(batch, index, isTruncated: true);
            if (error == ErrorCode.NoError)
            {
                return;
            }

            reason = new(error);
        }

        batch.Fail(index, reason);
    }

    private static MessageHeaders HeadersOf(DeadLetter deadLetter, int? originalSize)
    {
        var message = deadLetter.Message;
        var headers = new MessageHeaders(message.Headers.Count + MaxOwnHeaders);
        foreach (var header in message.Headers)
        {
            headers.Add(header.Key, header.GetValueBytes());
        }

        headers.AddText(DeadLetterHeaders.Reason, deadLetter.Reason.ToToken());
        headers.AddText(DeadLetterHeaders.Detail, deadLetter.Detail);
        headers.AddText(DeadLetterHeaders.SourceTopic, deadLetter.Topic);
        headers.AddNumber(DeadLetterHeaders.SourcePartition, deadLetter.Partition);
        headers.AddNumber(DeadLetterHeaders.SourceOffset, deadLetter.Offset);
        headers.AddNumber(DeadLetterHeaders.SourceHeaders, message.Headers.Count);
        if (deadLetter.Parts is { } parts)
        {
            headers.AddText(DeadLetterHeaders.Parts, MessageParts.Format(parts));
        }

        if (message.Timestamp is { } timestamp)
        {
            headers.AddNumber(DeadLetterHeaders.SourceTimestamp, timestamp);
        }

        if (originalSize is { } size)
        {
            headers.AddNumber(DeadLetterHeaders.OriginalSize, size);
        }

        return headers;
    }

    /// <summary>Receives the delivery reports, on the thread of the client.</summary>
    private sealed class Reports(KafkaDeadLetters letters, KafkaClients clients) : IBulkReports
    {
        public void OnDelivered(ReportedMessages messages)
        {
            DeadLetterBatches.Batch? batch = null;
            for (var i = 0; i < messages.Count; i++)
            {
                ref readonly var message = ref messages[i];
                batch = letters._batches.Of(message.Tag, batch);
                if (message.Error == ErrorCode.NoError)
                {
                    batch?.Succeed();
                }
                else
                {
                    Failed(in message, new Error(message.Error).Reason);
                }
            }
        }

        public void Failed(in NativeMessage message, string reason)
        {
            var (index, isTruncated) = DeadLetterBatches.PlaceOf(message.Tag);
            if (letters._batches.Of(message.Tag, null) is { } batch)
            {
                letters.Failed(batch, index, isTruncated, new(message.Error, reason));
            }
        }

        public void OnError(Error error) => clients.Log(error);

        public void OnLog(string facility, string message) => clients.Log(facility, message);
    }
}
