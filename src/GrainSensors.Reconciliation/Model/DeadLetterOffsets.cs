using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Model;

/// <summary>The places of the messages that were written to the dead letter topic.</summary>
public sealed class DeadLetterOffsets
{
    /// <summary>Reasons that depend on the time at which the stream read the message, which is no longer known.</summary>
    private static readonly string[] ClockReasons =
        ["expired", "invalid-timestamp", "too-many-sensors", "unknown-sensor", "no-schema"];

    private readonly Dictionary<(string? Topic, int Partition), SortedList<long, DeadLetter>> _deadLetters = [];

    /// <summary>
    /// Retention has removed dead letters. An offset without a dead letter may therefore belong to a reading or to a rejected
    /// message.
    /// </summary>
    public bool AreIncomplete { get; internal set; }

    /// <returns>The offsets of a partition of the topic of readings that have a dead letter.</returns>
    internal IEnumerable<LogPlace> OfReadings => _deadLetters.Where(partition => partition.Key.Topic is null)
        .SelectMany(partition => partition.Value.Keys.Select(offset => new LogPlace(partition.Key.Partition, offset)));

    internal DeadLetter? Find(LogPlace place) =>
        _deadLetters.GetValueOrDefault((place.Topic, place.Partition))?.GetValueOrDefault(place.Offset);

    internal void Add(LogPlace place, DeadLetter deadLetter)
    {
        if (!_deadLetters.TryGetValue((place.Topic, place.Partition), out var offsets))
        {
            _deadLetters.Add((place.Topic, place.Partition), offsets = []);
        }

        // The last dead letter for an offset counts: earlier ones may belong to a deleted topic of the same name.
        offsets[place.Offset] = deadLetter;
    }

    /// <summary>A dead letter, reduced to what a comparison needs.</summary>
    /// <param name="Reason">The value of the header <c>reason</c>.</param>
    /// <param name="Contents">The message, parsed again by the independent parser; of a source, only that it was rejected.</param>
    /// <param name="Fingerprint">See <see cref="ParsedMessage.FingerprintOf"/>.</param>
    /// <param name="IsTruncated">The dead letter holds only the first bytes of the message.</param>
    internal sealed record DeadLetter(string Reason, ParsedMessage Contents, int Fingerprint, bool IsTruncated)
    {
        /// <summary>The parts of the letter that is looked at.</summary>
        private HashSet<int>? _parts;

        /// <summary>The rejected readings of a message of a source, of which the first gives the reason; null: all of them.</summary>
        public IReadOnlyList<int>? Parts { get; init; }

        /// <summary>The reason depends on the message alone, so an engine can decide it again.</summary>
        public bool DependsOnContents => !ClockReasons.Contains(Reason);

        /// <returns>True for the message itself; false for one of an earlier topic of the same name.</returns>
        public bool IsAbout(in ParsedMessage message) => IsTruncated ? !message.IsReading : Contents == message;

        /// <inheritdoc cref="IsAbout(in ParsedMessage)"/>
        public bool IsAbout(ReadOnlySpan<byte> bytes, bool isReading) =>
            IsTruncated ? !isReading : Fingerprint == ParsedMessage.FingerprintOf(bytes);

        /// <summary>Whether the stream has rejected a reading of the message.</summary>
        public bool Has(int index) => Parts is null || (_parts ??= [.. Parts]).Contains(index);

        /// <summary>Whether the reason is the one of this reading: the dead letter has the reason of its first one only.</summary>
        public bool Explains(int index) => Parts is null || index == Parts[0];
    }
}
