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
internal sealed class KafkaDeadLetters(KafkaClients clients) : IDeadLetterSink, IDisposable
{
    /// <summary>
    /// The number of bytes kept of a dead letter that Kafka refuses for its size: enough to recognize the message. Headers and key are
    /// kept if both together are not longer.
    /// </summary>
    private const int TruncatedLength = 64 * 1024;

    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer = new(() => clients.Producer(TimeSpan.FromMilliseconds(5)));

    public async Task WriteAsync(DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        try
        {
            await ProduceAsync(deadLetter, null, cancellationToken);
        }
        catch (ProduceException<byte[]?, byte[]?> e)
            when (e.Error.Code == ErrorCode.MsgSizeTooLarge && deadLetter.Size > TruncatedLength)
        {
            await ProduceAsync(Truncate(deadLetter), deadLetter.Size, cancellationToken);
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

    private async Task ProduceAsync(DeadLetter deadLetter, int? originalSize, CancellationToken cancellationToken)
    {
        var message = deadLetter.Message;
        var headers = new Headers();
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

        await _producer.Value.ProduceAsync(
            clients.Options.DeadLetterTopic, new() { Key = message.Key, Value = deadLetter.Bytes, Headers = headers }, cancellationToken);
    }
}
