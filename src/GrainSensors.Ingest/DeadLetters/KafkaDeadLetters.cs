using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The dead-letter topic: the rejected bytes as they came, and headers that say why and whence.</summary>
internal sealed class KafkaDeadLetters(KafkaClients clients) : IDeadLetterSink, IDisposable
{
    /// <summary>What is left of a letter that Kafka refuses for its size; enough to see what it was.</summary>
    private const int TruncatedLength = 64 * 1024;

    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer = new(() => clients.Producer(TimeSpan.FromMilliseconds(5)));

    public async Task WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        try
        {
            await ProduceAsync(letter, letter.Bytes, null, cancellationToken);
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge && letter.Bytes is { Length: > TruncatedLength } bytes)
        {
            await ProduceAsync(letter, bytes[..TruncatedLength], bytes.Length, cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }

    private async Task ProduceAsync(DeadLetter letter, byte[]? value, int? originalSize, CancellationToken cancellationToken)
    {
        var headers = new Headers();
        headers.AddText(DeadLetterHeaders.Reason, letter.Reason.ToToken());
        headers.AddText(DeadLetterHeaders.SourceTopic, letter.Topic);
        headers.AddNumber(DeadLetterHeaders.SourcePartition, letter.Partition);
        headers.AddNumber(DeadLetterHeaders.SourceOffset, letter.Offset);
        if (originalSize is { } size)
        {
            headers.AddNumber(DeadLetterHeaders.OriginalSize, size);
        }

        await _producer.Value.ProduceAsync(clients.Options.DeadLetterTopic, new() { Value = value, Headers = headers }, cancellationToken);
    }
}
