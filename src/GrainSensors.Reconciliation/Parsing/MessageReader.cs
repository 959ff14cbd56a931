using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads the messages of one topic as they were read then, and finds their dead letters.</summary>
internal sealed class MessageReader(
    LogTopic topic, IEnumerable<SourceRange> ranges, MessageParsers parsers, MessageClassifier classifier)
{
    private readonly Dictionary<int, Version[]> _versions = ranges.ToDictionary(
        range => range.Source.Partition,
        range => range.Versions.Select((version, i) => new Version(
                version.FirstOffset, MessageParsers.UsedUntil(range, i), parsers.Of(version)))
            .DefaultIfEmpty(new(0, long.MaxValue, parsers.Present)).ToArray());

    private readonly List<ParsedPart> _parts = [];
    private readonly List<ParsedPart> _otherParts = [];

    /// <param name="into">Receives the readings of the message, and what is rejected.</param>
    public void Read(ConsumeResult<byte[]?, byte[]?> record, MessageNumbering into)
    {
        _parts.Clear();
        var isAmbiguous = TryReadAmbiguous(record);
        var place = topic.PlaceOf(record.Partition.Value, record.Offset.Value);
        var isReading = topic.Source is null && _parts[0].Message.IsReading;
        var letter = isAmbiguous ? null : classifier.LetterOf(place, record.Message.Value, isReading);
        var written = record.Message.Timestamp.UnixTimestampMs * 1000;
        foreach (var (index, message) in _parts)
        {
            into.Add(new(place, index, message, letter, written) { IsAmbiguous = isAmbiguous });
        }
    }

    /// <returns>Whether the stream may have read the message by two configurations, to which it means different things.</returns>
    private bool TryReadAmbiguous(ConsumeResult<byte[]?, byte[]?> record)
    {
        var isAmbiguous = false;
        foreach (var (from, until, parser) in _versions[record.Partition.Value])
        {
            if (record.Offset.Value < from || record.Offset.Value >= until)
            {
                continue;
            }

            _otherParts.Clear();
            parser!.Parse(record, _otherParts);
            if (_parts.Count == 0)
            {
                _parts.AddRange(_otherParts);
            }
            else if (!_otherParts.SequenceEqual(_parts))
            {
                isAmbiguous = true;
                _parts.AddRange(_otherParts);
            }
        }

        return isAmbiguous;
    }

    /// <param name="From">The first offset that may have been read by it.</param>
    /// <param name="Until">The first one that was not.</param>
    /// <param name="Parser">Null: it is not known any more, and none of its messages is read.</param>
    private readonly record struct Version(long From, long Until, IMessageParser? Parser);
}
