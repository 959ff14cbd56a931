using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Writes dead letters to the dead-letter topic: the unchanged bytes, with the reason and the source in headers.</summary>
internal sealed class KafkaDeadLetters(KafkaClients clients) : IDeadLetterSink, IDisposable
{
    /// <summary>The number of bytes kept of a dead letter that Kafka refuses for its size: enough to recognize the message.</summary>
    private const int TruncatedLength = 64 * 1024;

    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer = new(() => clients.Producer(TimeSpan.FromMilliseconds(5)));

    public async Task WriteAsync(DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        try
        {
            await ProduceAsync(deadLetter, deadLetter.Bytes, null, cancellationToken);
        }
        catch (ProduceException<byte[]?, byte[]?> e)
            when (e.Error.Code == ErrorCode.MsgSizeTooLarge && deadLetter.Bytes is { Length: > TruncatedLength } bytes)
        {
            await ProduceAsync(deadLetter, bytes[..TruncatedLength], bytes.Length, cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }

    private async Task ProduceAsync(DeadLetter deadLetter, byte[]? value, int? originalSize, CancellationToken cancellationToken)
    {
        var headers = new Headers();
        headers.AddText(DeadLetterHeaders.Reason, deadLetter.Reason.ToToken());
        headers.AddText(DeadLetterHeaders.SourceTopic, deadLetter.Topic);
        headers.AddNumber(DeadLetterHeaders.SourcePartition, deadLetter.Partition);
        headers.AddNumber(DeadLetterHeaders.SourceOffset, deadLetter.Offset);
        if (originalSize is { } size)
        {
            headers.AddNumber(DeadLetterHeaders.OriginalSize, size);
        }

        await _producer.Value.ProduceAsync(clients.Options.DeadLetterTopic, new() { Value = value, Headers = headers }, cancellationToken);
    }
}
