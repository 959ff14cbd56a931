
namespace GrainSensors.Reconciliation.Model;

/// <summary>The offsets of the readings topic that were written to the dead letter topic: 40 bytes for each dead letter.</summary>
public sealed class DeadLetterOffsets
{
    /// <summary>Reasons that depend on the time at which the stream read the message, which is no longer known.</summary>
    private static readonly string[] ClockReasons = ["expired", "invalid-timestamp", "too-many-sensors", "unknown-sensor"];

    private readonly Dictionary<int, SortedList<long, DeadLetter>> _deadLetters = [];

    /// <summary>
    /// Retention has removed dead letters. An offset without a dead letter may therefore belong to a reading or to a rejected
    /// message.
    /// </summary>
    public bool AreIncomplete { get; internal set; }

    /// <summary>Every dead letter with the place of its message in the readings topic.</summary>
    internal IEnumerable<(int Partition, long Offset, DeadLetter DeadLetter)> All =>
        _deadLetters.SelectMany(partition => partition.Value.Select(entry => (partition.Key, entry.Key, entry.Value)));

    internal bool TryFind(int partition, long offset, out DeadLetter deadLetter)
    {
        deadLetter = default;
        return _deadLetters.TryGetValue(partition, out var offsets) && offsets.TryGetValue(offset, out deadLetter);
    }

    internal void Add(int partition, long offset, DeadLetter deadLetter)
    {
        if (!_deadLetters.TryGetValue(partition, out var offsets))
        {
            _deadLetters.Add(partition, offsets = []);
        }

        // The last dead letter for an offset counts: earlier ones may belong to a deleted topic of the same name.
        offsets[offset] = deadLetter;
    }

    /// <summary>A dead letter, reduced to what a comparison needs.</summary>
    /// <param name="Reason">The value of the header <c>reason</c>.</param>
    /// <param name="Contents">The message, parsed again by the independent parser.</param>
    /// <param name="IsTruncated">The dead letter holds only the first bytes of the message.</param>
    internal readonly record struct DeadLetter(string Reason, ParsedMessage Contents, bool IsTruncated)
    {
        /// <summary>The reason depends on the message alone, so an engine can decide it again.</summary>
        public bool DependsOnContents => !ClockReasons.Contains(Reason);

        /// <returns>True for the message itself; false for one of an earlier topic of the same name.</returns>
        public bool IsAbout(in ParsedMessage message) => IsTruncated ? !message.IsReading : Contents == message;
    }
}
