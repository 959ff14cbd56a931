using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads the messages of one topic as they were read then, and finds their dead letters.</summary>
internal sealed class MessageReader(
    LogTopic topic, IEnumerable<SourceRange> ranges, MessageParsers parsers, MessageClassifier classifier)
{
    private readonly Dictionary<int, SourceRange> _ranges = ranges.ToDictionary(range => range.Source.Partition);
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
        var range = _ranges[record.Partition.Value];
        var isAmbiguous = false;
        for (var i = range.Versions.Count - 1; i >= 0; i--)
        {
            var version = range.Versions[i];
            if (record.Offset.Value < version.FirstOffset || record.Offset.Value >= MessageParsers.UsedUntil(range, i))
            {
                continue;
            }

            _otherParts.Clear();
            parsers.Of(version)!.Parse(record, _otherParts);
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

        if (range.Versions.Count == 0)
        {
            parsers.Present.Parse(record, _parts);
        }

        return isAmbiguous;
    }
}
