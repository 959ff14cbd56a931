using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Stores from which message on this silo reads a partition by its configuration.</summary>
internal sealed class MessageVersionLog(ReadTopics read, ReadingParser parser, IMessageVersions versions)
{
    /// <summary>Before the first checkpoint of a partition, which says that it has been read.</summary>
    /// <param name="start">The first message that is read.</param>
    public Task BeginAsync(string topic, SourceId source, long start) =>
        versions.BeginAsync(source.WithoutIncarnation(), new(start, start, MeaningOf(topic)), CancellationToken.None);

    /// <summary>After the first checkpoint of a new owner, and before its first message.</summary>
    /// <param name="begin">The checkpoint.</param>
    /// <param name="end">The end of the log: a former owner has read no message from there on, unless it is cut off from the group.</param>
    public Task AddAsync(string topic, Checkpoint begin, long end) => versions.AddAsync(
        begin.Source.WithoutIncarnation(), new(begin.NextOffset, end, MeaningOf(topic)), begin.Token, CancellationToken.None);

    private string MeaningOf(string topic) =>
        read.MeaningOf(topic, parser.Catalog.Declared.All, parser.Catalog.Discovery, parser.AcceptedTimes.First).ToJson();
}
