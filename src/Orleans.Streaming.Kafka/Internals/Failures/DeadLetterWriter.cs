using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Producing;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>Writes dead letters: the original message with headers that name its source and the error.</summary>
internal sealed partial class DeadLetterWriter(
    StreamProducer producer, KafkaClients clients, TimeProvider clock, ILogger logger)
{
    private const string UnknownError =
        "The subscriber did not process the message within the delivery time; the log of its silo or client has the cause.";

    /// <summary>Maximum length of an error text in characters.</summary>
    private const int MaxErrorLength = 8 * 1024;

    /// <summary>Retries until Kafka has acknowledged the dead letter. A cancelled write ends without an exception.</summary>
    /// <remarks>The write runs outside of the pulling agent's turns, because it may last as long as a broker outage.</remarks>
    public Task WriteAsync(DeadLetter letter, Action written, CancellationToken cancellationToken) =>
        Task.Run(() => RunAsync(letter, written, cancellationToken), CancellationToken.None);

    private async Task RunAsync(DeadLetter letter, Action written, CancellationToken cancellationToken)
    {
        try
        {
            await RetryPolicy.ExecuteAsync(
                _ => SendAsync(letter),
                e => LogNotWritten(logger, letter.Source.TopicPartition.ToString(), letter.Source.Offset, e.Message),
                clock,
                cancellationToken);
            LogWritten(
                logger, letter.Source.TopicPartition.ToString(), letter.Source.Offset, TopicOf(letter), letter.Error?.Message);
            clients.Metrics.DeadLetter(letter.Source.Topic, letter.Source.Partition, letter.Error);
            written();
        }
        catch (OperationCanceledException)
        {
            // The message stays uncommitted, and the next reader of the partition delivers it again.
        }
    }

    /// <summary>Cuts the value of a message that became too large with the additional headers.</summary>
    private async Task<bool> SendAsync(DeadLetter letter)
    {
        var value = letter.Value ?? [];
        var originalSize = value.Length;
        while (true)
        {
            var message = new Message<byte[]?, byte[]?>
            {
                Key = letter.Key,
                Value = value,
                Headers = HeadersOf(letter),
            };
            if (value.Length < originalSize)
            {
                message.Headers.Add("original.size", Text(originalSize));
            }

            try
            {
                await producer.SendAsync(new(TopicOf(letter), Partition.Any), message);
                return true;
            }
            catch (KafkaStreamException e) when (IsTooLarge(e) && value.Length > 0)
            {
                var half = clients.Options.MaxMessageBytes / 2;
                value = value.Length > half ? value[..half] : [];
            }
        }
    }

    private string TopicOf(DeadLetter letter) => clients.DeadLetterTopicOf(clients.OptionsOf(letter.Source.Topic));

    private static bool IsTooLarge(KafkaStreamException e) =>
        e.InnerException is KafkaException { Error.Code: Confluent.Kafka.ErrorCode.MsgSizeTooLarge };

    private static Headers HeadersOf(DeadLetter letter)
    {
        var headers = new Headers();
        foreach (var header in letter.Headers ?? [])
        {
            headers.Add(header.Name, header.Value);
        }

        headers.Add("source.topic", Encoding.UTF8.GetBytes(letter.Source.Topic));
        headers.Add("source.partition", Text(letter.Source.Partition.Value));
        headers.Add("source.offset", Text(letter.Source.Offset));
        headers.Add("stream", Encoding.UTF8.GetBytes(letter.Stream.ToString()));
        if (letter.Error is not { } error)
        {
            headers.Add("error", Encoding.UTF8.GetBytes(UnknownError));
        }
        else
        {
            var text = error.Message.Length <= MaxErrorLength ? error.Message : error.Message[..MaxErrorLength];
            headers.Add("error.type", Encoding.UTF8.GetBytes(error.GetType().FullName ?? error.GetType().Name));
            headers.Add("error", Encoding.UTF8.GetBytes(text));
        }

        return headers;
    }

    private static byte[] Text(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(6061, LogLevel.Error,
        "Wrote a dead letter to \"{Topic}\" for the undeliverable message at offset {Offset} of {Partition}: {Error}")]
    private static partial void LogWritten(ILogger logger, string partition, long offset, string topic, string? error);

    [LoggerMessage(6062, LogLevel.Error,
        "Could not write the dead letter for the undeliverable message at offset {Offset} of {Partition}. "
        + "The write is retried, and commits wait for it: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string partition, long offset, string reason);
}
