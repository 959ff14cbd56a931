using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Sources;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Stores from which message on this silo reads a partition by its configuration.</summary>
internal sealed class MessageVersionLog(ReadTopics read, ReadingParser parser, IMessageVersions versions)
{
    /// <param name="start">The first message that is read.</param>
    /// <param name="end">The end of the log: a former owner has read no message from there on, unless it is cut off from the group.</param>
    /// <param name="isFirst">Whether no message of the partition has been read before.</param>
    public async Task BeginAsync(string topic, SourceId source, long start, long end, bool isFirst)
    {
        var meaning = MessageMeaning.Of(
            parser.Catalog.Declared.All, parser.Catalog.Discovery, parser.AcceptedTimes.First, read.SourceOf(topic)).ToJson();
        var stored = await versions.ReadAsync(source.TopicId, CancellationToken.None);
        var isKnown = stored.Any(version => version.Partition == source.Partition);

        // Earlier releases store no versions: what they have read counts as read by the present configuration.
        var version = isKnown || isFirst ? new MessageVersion(start, isKnown ? end : start, meaning) : new(0, 0, meaning);
        await versions.AddAsync(source, version, CancellationToken.None);
    }
}
