using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads topics in this process, and selects the readings that a request asks for.</summary>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
internal sealed class ReadingCollector(
    IReadingLog log, ISensorNames? names, ReconciliationRequest request, MessageClassifier classifier)
{
    private long _messages;

    /// <summary>The number of messages read so far.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Blocks while it waits for the broker.</summary>
    /// <param name="add">Takes a reading: its sensor, its time, and its values of declared and other measurements.</param>
    public LogReading Collect(
        IEnumerable<LogTopic> topics, IReadOnlyList<SourceRange> ranges,
        Action<int, long, MeasurementValues, IReadOnlyList<MeasuredValue>> add, CancellationToken cancellationToken)
    {
        using var schemas = new SourceSchemas();
        var selection = new ReadingSelection(request, classifier, add);
        var numbering = new MessageNumbering(names, selection.Take, cancellationToken);
        var readFrom = new Dictionary<SourceId, long>();
        foreach (var topic in topics)
        {
            var ofTopic = ranges.Where(range => range.Source.TopicId == topic.Id).ToList();
            if (ofTopic.Count > 0)
            {
                ReadTopic(topic, ofTopic, new(topic, ofTopic, new(topic, request, schemas), classifier));
            }
        }

        numbering.Flush();
        return selection.Result with { ReadFrom = readFrom };

        void ReadTopic(LogTopic topic, List<SourceRange> ofTopic, MessageReader reader)
        {
            using var consumer = log.Reader<byte[]?, byte[]?>(topic.Source is null ? "timestamp" : "headers,timestamp").Build();
            var offsets = ofTopic.Select(range => new OffsetRange(range.Source.Partition, range.Begin, range.End));
            var overtaken = LogRead.Run(consumer, topic.Name, offsets, Read, cancellationToken);
            consumer.Close();
            foreach (var (partition, offset) in overtaken)
            {
                readFrom.Add(topic.SourceOf(partition), offset);
            }

            void Read(ConsumeResult<byte[]?, byte[]?> record)
            {
                Volatile.Write(ref _messages, _messages + 1);
                reader.Read(record, numbering);
            }
        }
    }
}
