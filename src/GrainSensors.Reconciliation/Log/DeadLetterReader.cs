using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads the dead letter topic and indexes it by the offsets of the readings topic.</summary>
internal static class DeadLetterReader
{
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public static DeadLetterOffsets Read(IReadingLog log, ContractParser parser, CancellationToken cancellationToken)
    {
        var offsets = new DeadLetterOffsets();
        if (log.DeadLetterPartitions == 0)
        {
            return offsets;
        }

        using var consumer = log.Reader<byte[]?>("headers").Build();
        var ranges = LogRead.Everything(consumer, log.DeadLetterTopic, log.DeadLetterPartitions);
        var overtaken = LogRead.Run(
            consumer, log.DeadLetterTopic, ranges, record => Add(offsets, record.Message, log.Topic, parser), cancellationToken);
        offsets.AreIncomplete = overtaken.Count > 0 || ranges.Any(range => range.Begin > 0);
        consumer.Close();
        return offsets;
    }

    private static void Add(DeadLetterOffsets offsets, Message<Ignore, byte[]?> message, string topic, ContractParser parser)
    {
        // A message of the topic may have a header of this name, too. A dead letter counts the headers of its message.
        var isMark = Text(message.Headers, "mark") is not null && Text(message.Headers, "source.headers") is null;
        if (isMark || Text(message.Headers, "source.topic") != topic
            || !int.TryParse(Text(message.Headers, "source.partition"), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(Text(message.Headers, "source.offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return;
        }

        var contents = parser.Parse(message.Value, message.Value is null);
        var isTruncated = Text(message.Headers, "original.size") is not null;
        offsets.Add(partition, offset, new(Text(message.Headers, "reason") ?? "", contents, isTruncated));
    }

    private static string? Text(Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var value) && value is not null ? Encoding.UTF8.GetString(value) : null;
}
