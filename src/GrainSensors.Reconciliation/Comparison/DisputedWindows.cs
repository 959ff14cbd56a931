using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>
/// The windows that hold, or may hold, a message that the stream and the engine classify differently. A run cannot decide which
/// side is right, so it does not correct them.
/// </summary>
/// <remarks>
/// A message that can be read again belongs to one window of its sensor. A message that nobody can read, and that the stream did
/// not reject, may be in any row that has applied its offset (its mark is not below it), and in any missing row. Its timestamp may
/// be ahead of the time at which it was written by <see cref="ReconciliationRequest.MaxAhead"/> at most, so later windows cannot
/// hold it. Windows that closed before the message was written have lower marks. Few windows are left.
/// </remarks>
internal sealed class DisputedWindows
{
    private readonly Dictionary<(int SensorId, long Start), LogPlace> _known = [];
    private readonly Dictionary<(string? Topic, int Partition), List<(long Offset, long Before)>> _unreadable = [];
    private readonly IReadOnlyList<LogTopic> _topics;
    private readonly bool _all;

    /// <param name="topics">The topics of readings and of sources, as they exist now.</param>
    public DisputedWindows(LogReading read, ReconciliationRequest request, IReadOnlyList<LogTopic> topics)
    {
        (_topics, _all) = (topics, read.HasMoreDisagreements);
        var disagreements = read.Disagreements.OrderBy(d => d.Place.Topic, StringComparer.Ordinal)
            .ThenBy(d => d.Place.Partition).ThenBy(d => d.Place.Offset);
        foreach (var disagreement in disagreements)
        {
            if (disagreement.Reading is { } reading)
            {
                _known.TryAdd((reading.SensorId, request.Period.StartOf(reading.EventTime)), disagreement.Place);
            }
            else if (disagreement.TakenByStream)
            {
                AddUnreadable(disagreement, request.MaxAhead);
            }
        }
    }

    /// <param name="stored">The row; null for a missing row.</param>
    /// <returns>A description of the message that the window holds or may hold; null if there is none.</returns>
    public (string Description, LogPlace? Place)? Find(WindowKey key, WindowRow? stored)
    {
        if (_known.TryGetValue((key.SensorId, key.Start), out var place))
        {
            return ($"holds message {place}", place);
        }

        foreach (var ((topic, partition), messages) in _unreadable)
        {
            var mark = stored is null ? long.MaxValue : stored.Marks[SourceOf(topic, partition)];
            var found = messages.FindIndex(message => message.Offset <= mark && key.Start < message.Before);
            if (found >= 0)
            {
                var unreadable = new LogPlace(partition, messages[found].Offset, topic);
                return ($"may hold message {unreadable}", unreadable);
            }
        }

        return _all ? ("may hold one of too many messages to list", null) : null;
    }

    private SourceId SourceOf(string? topic, int partition) =>
        _topics.First(known => known.PlaceOf(partition, 0).Topic == topic).SourceOf(partition);

    /// <summary>Keeps a message only if it disputes windows that no earlier message of its partition disputes.</summary>
    private void AddUnreadable(ParseDisagreement disagreement, long maxAhead)
    {
        var before = disagreement.Written == long.MaxValue ? long.MaxValue : disagreement.Written + maxAhead;
        var partition = (disagreement.Place.Topic, disagreement.Place.Partition);
        if (!_unreadable.TryGetValue(partition, out var messages))
        {
            _unreadable.Add(partition, messages = []);
        }

        if (messages.Count == 0 || messages[^1].Before < before)
        {
            messages.Add((disagreement.Place.Offset, before));
        }
    }
}
