using System.Globalization;

namespace GrainSensors.Core.Windows;

/// <summary>The leader epochs of a partition's messages, and the incarnations of its log. Immutable.</summary>
/// <remarks>
/// Kafka stores the epoch of the leader with each message. An epoch has one leader, so messages with the same offset and epoch are
/// the same, and so is everything below them. A leader that lacks acknowledged messages (after an unclean election, or with a log
/// that was cut) gives their offsets to other messages, under a later epoch. Each epoch is therefore a source of its own: its marks
/// say nothing about messages of another epoch.
/// </remarks>
public sealed class LeaderEpochs
{
    /// <summary>The epoch of messages below which no epoch is known. They are compared by offset only.</summary>
    public const int Unknown = -1;

    /// <summary>The epoch of the next message decides.</summary>
    public const int Undecided = -2;

    /// <summary>The number of epochs that are kept. A truncation below the oldest is taken to begin there.</summary>
    private const int Kept = 32;

    private readonly Entry[] _entries;

    private LeaderEpochs(params Entry[] entries) => _entries = entries;

    /// <summary>A log of which nothing is known yet.</summary>
    public static LeaderEpochs None { get; } = new();

    /// <summary>The epoch of the messages from an offset on, up to the next entry.</summary>
    public readonly record struct Entry(long From, int Epoch, int Incarnation);

    /// <summary>The epochs of a checkpoint that an older release wrote: the messages that the log holds now have no epoch.</summary>
    /// <param name="end">The offset after the last message of the log.</param>
    public static LeaderEpochs BeforeEpochs(long end) => new(new(0, Unknown, 0), new(Math.Max(1, end), Undecided, 0));

    public IReadOnlyList<Entry> Entries => _entries;

    /// <returns>The epoch of a message at the offset, or <see cref="Unknown"/>, or <see cref="Undecided"/>.</returns>
    public int EpochAt(long offset) => Find(offset)?.Epoch ?? Undecided;

    /// <returns>The incarnation of a message at the offset.</returns>
    public int IncarnationAt(long offset) => Find(offset)?.Incarnation ?? 0;

    /// <returns>The offset from which another epoch counts; <see cref="long.MaxValue"/> if there is none.</returns>
    public long NextAfter(long offset) =>
        _entries.Where(entry => entry.From > offset).Select(entry => entry.From).DefaultIfEmpty(long.MaxValue).First();

    /// <returns>The messages from the offset on have another epoch than those below.</returns>
    public LeaderEpochs Begin(long from, int epoch)
    {
        if (EpochAt(from) == epoch && NextAfter(from) == long.MaxValue && _entries.Length > 0)
        {
            return this;
        }

        return Truncate(from, epoch);
    }

    /// <inheritdoc cref="Begin"/>
    /// <remarks>The messages from the offset on are a new incarnation, even if their epoch is not known.</remarks>
    public LeaderEpochs Truncate(long from, int epoch) =>
        new([.. _entries.Where(entry => entry.From < from).TakeLast(Kept - 1), new(from, epoch, IncarnationOf(epoch))]);

    /// <returns>The marks of a row that holds every reading below an offset, one for each incarnation.</returns>
    /// <param name="source">The partition.</param>
    /// <param name="end">The offset after the last reading.</param>
    public IEnumerable<Mark> MarksBelow(SourceId source, long end)
    {
        if (_entries.Length == 0 && end > 0)
        {
            yield return new(source.WithoutIncarnation(), end - 1);
        }

        foreach (var entry in _entries.Where(entry => entry.From < end))
        {
            yield return new(source with { Incarnation = entry.Incarnation }, Math.Min(end, NextAfter(entry.From)) - 1);
        }
    }

    /// <returns>Whether the log has lost the message of a mark: another message has its offset now.</returns>
    public bool IsTruncated(Mark mark) =>
        Array.Exists(_entries, entry => entry.From <= mark.Offset && entry.Incarnation > mark.Source.Incarnation);

    /// <returns><c>from:epoch:incarnation</c> of each entry, separated by spaces.</returns>
    public override string ToString() => string.Join(
        ' ', _entries.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.From}:{entry.Epoch}:{entry.Incarnation}")));

    /// <exception cref="FormatException">The text is not one of <see cref="ToString"/>.</exception>
    public static LeaderEpochs Parse(string text)
    {
        var entries = new List<Entry>();
        foreach (var entry in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split(':') is not [var from, var epoch, var incarnation])
            {
                throw new FormatException($"The epochs of a checkpoint must be from:epoch:incarnation; got \"{entry}\".");
            }

            entries.Add(new(
                long.Parse(from, CultureInfo.InvariantCulture),
                int.Parse(epoch, CultureInfo.InvariantCulture),
                int.Parse(incarnation, CultureInfo.InvariantCulture)));
        }

        return new([.. entries]);
    }

    /// <summary>
    /// The incarnation of an epoch is the epoch, so that it does not depend on what a store remembers that was restored.
    /// </summary>
    private int IncarnationOf(int epoch)
    {
        var last = _entries.Length == 0 ? 0 : _entries.Max(entry => entry.Incarnation);
        if (epoch < 0)
        {
            // Without epochs the number of truncations counts. An undecided epoch has no messages.
            return epoch == Unknown && _entries.Length > 0 ? last + 1 : last;
        }

        // An epoch may return: a broker before 2.8 has no topic ids, and a topic that is created again begins with epoch 0.
        var known = Array.FindLast(_entries, entry => entry.Epoch >= 0);
        return Array.Exists(_entries, entry => entry.Epoch >= 0)
            ? epoch >= known.Epoch ? known.Incarnation + epoch - known.Epoch : last + 1
            : Math.Max(epoch, last == 0 ? 0 : last + 1);
    }

    private Entry? Find(long offset)
    {
        for (var i = _entries.Length - 1; i >= 0; i--)
        {
            if (_entries[i].From <= offset)
            {
                return _entries[i];
            }
        }

        return null;
    }
}
