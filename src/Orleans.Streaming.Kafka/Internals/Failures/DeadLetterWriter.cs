using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Producing;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>Writes dead letters: the message as it came, with headers that say where from and why.</summary>
internal sealed partial class DeadLetterWriter(StreamProducer producer, string topic, int maxMessageBytes, TimeProvider clock, ILogger logger)
{
    private const int LongestError = 8 * 1024;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Tries until Kafka has it.</summary>
    public async Task WriteAsync(DeadLetter letter, Action written, CancellationToken cancellationToken)
    {
        var value = letter.Message.Value ?? [];
        var originalSize = value.Length;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var message = new Message<byte[]?, byte[]> { Key = letter.Message.StreamId.Key.ToArray(), Value = value, Headers = HeadersOf(letter) };
                if (value.Length < originalSize)
                {
                    message.Headers.Add("original.size", Text(originalSize));
                }

                await producer.SendAsync(new(topic, Partition.Any), message).ConfigureAwait(false);
                LogWritten(logger, letter.Source.ToString(), letter.Message.Offset, topic, letter.Error?.Message);
                written();
                return;
            }
            catch (KafkaStreamException e) when (IsTooLarge(e) && value.Length > 0)
            {
                // It was just small enough without the headers.
                value = value.Length > maxMessageBytes / 2 ? value[..(maxMessageBytes / 2)] : [];
            }
            catch (KafkaStreamException e)
            {
                LogNotWritten(logger, letter.Source.ToString(), letter.Message.Offset, e.Message);
                await Task.Delay(RetryInterval, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static bool IsTooLarge(KafkaStreamException e) => e.InnerException is KafkaException { Error.Code: Confluent.Kafka.ErrorCode.MsgSizeTooLarge };

    private static Headers HeadersOf(DeadLetter letter)
    {
        var headers = new Headers();
        foreach (var header in letter.Message.Headers ?? [])
        {
            headers.Add(header.Name, header.Value);
        }

        headers.Add("source.topic", Encoding.UTF8.GetBytes(letter.Source.Topic));
        headers.Add("source.partition", Text(letter.Source.Partition.Value));
        headers.Add("source.offset", Text(letter.Message.Offset));
        headers.Add("stream", Encoding.UTF8.GetBytes(letter.Message.StreamId.ToString()));
        if (letter.Error is { } error)
        {
            headers.Add("error.type", Encoding.UTF8.GetBytes(error.GetType().FullName ?? error.GetType().Name));
            headers.Add("error", Encoding.UTF8.GetBytes(error.Message.Length <= LongestError ? error.Message : error.Message[..LongestError]));
        }

        return headers;
    }

    private static byte[] Text(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(6061, LogLevel.Error, "The message of {Partition} at offset {Offset} could not be delivered and is a dead letter in \"{Topic}\" now: {Error}")]
    private static partial void LogWritten(ILogger logger, string partition, long offset, string topic, string? error);

    [LoggerMessage(6062, LogLevel.Error, "The message of {Partition} at offset {Offset} could not be delivered, and its dead letter could not be written; nothing from it on is committed: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string partition, long offset, string reason);
}

/// <param name="Error">Null: it is not known.</param>
internal sealed record DeadLetter(KafkaBatchContainer Message, TopicPartition Source, Exception? Error);
