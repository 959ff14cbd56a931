using System.Globalization;
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

        var topics = log.Topics.ToDictionary(topic => topic.Name);
        using var consumer = log.Reader<Ignore, byte[]?>("headers").Build();
        var ranges = LogRead.Everything(consumer, log.DeadLetterTopic, log.DeadLetterPartitions);
        var overtaken = LogRead.Run(
            consumer, log.DeadLetterTopic, ranges, record => Add(offsets, record.Message, topics, parser), cancellationToken);
        offsets.AreIncomplete = overtaken.Count > 0 || ranges.Any(range => range.Begin > 0);
        consumer.Close();
        return offsets;
    }

    private static void Add(
        DeadLetterOffsets offsets, Message<Ignore, byte[]?> message, Dictionary<string, LogTopic> topics, ContractParser parser)
    {
        var isMark = Text(LogHeaders.Mark) is not null && Text(LogHeaders.SourceHeaders) is null;
        if (isMark || !topics.TryGetValue(Text(LogHeaders.SourceTopic) ?? "", out var topic)
            || !int.TryParse(Text(LogHeaders.SourcePartition), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(Text(LogHeaders.SourceOffset), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return;
        }

        var isTruncated = Text(LogHeaders.OriginalSize) is not null;
        var reason = Text(LogHeaders.Reason) ?? "";
        var contents = topic.Source is null
            ? parser.Parse(message.Value, message.Value is null)
            : ParsedMessage.Rejected(reason, message.Value);
        offsets.Add(topic.PlaceOf(partition, offset), new(reason, contents, ParsedMessage.FingerprintOf(message.Value), isTruncated)
        {
            Parts = topic.Source is null ? null : MappedMessages.IndexesOf(Text(LogHeaders.Parts)),
        });

        string? Text(string name) => LogHeaders.OfLetter(message.Headers, name);
    }
}
