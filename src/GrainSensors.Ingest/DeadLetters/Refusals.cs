using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Makes a partition judge a message that it reads again as it did before, although the time of reading decides about some messages.
/// The consume thread asks for what the loop has dispatched.
/// </summary>
/// <remarks>
/// A refusal is stored before its batch is dispatched, and counts whenever its message is read again. Accepted readings are not
/// stored. A message that may have been accepted is accepted again: it is refused only if it was refused at every time since the
/// first one at which it can have been read. The marks of the rows make an accepted reading that is repeated harmless.
/// </remarks>
internal sealed class Refusals
{
    /// <summary>The difference between the clocks of two silos, and between the times of parsing and dispatch, µs.</summary>
    public const long Tolerance = EpochTime.MicrosPerSecond;

    /// <summary>With more since the last checkpoint the next one is due, as each takes a row in the store and memory here.</summary>
    private const int MaxUncovered = 50_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Offset, int Index), (Refusal Refusal, bool HasLetter)> _refusals = [];
    private bool _hasAny;
    private int _uncovered;
    private long _repeatedBelow;
    private long _judgedFrom;
    private long _checkpointJudgedFrom;

    /// <param name="stored">The refusals in the store.</param>
    /// <param name="mayRepeat">Whether another loop may have judged messages.</param>
    /// <param name="judgedFrom">The earliest time at which it can have done so, µs since the epoch.</param>
    public Refusals(IEnumerable<Refusal> stored, bool mayRepeat, long judgedFrom)
    {
        (_judgedFrom, _checkpointJudgedFrom) = (judgedFrom, judgedFrom);
        _repeatedBelow = mayRepeat ? long.MaxValue : 0;
        foreach (var refusal in stored)
        {
            _refusals.Add(KeyOf(refusal), (refusal, false));
            _repeatedBelow = Math.Max(_repeatedBelow, refusal.Offset + 1);
        }

        _hasAny = _refusals.Count > 0;
    }

    /// <summary>A partition of which no message was read before.</summary>
    public Refusals()
        : this([], mayRepeat: false, 0)
    {
    }

    /// <summary>Whether so many were added since the last checkpoint that the next one is due.</summary>
    public bool AreMany => Volatile.Read(ref _uncovered) > MaxUncovered;

    /// <summary>Whether the message may have been judged before.</summary>
    public bool MayRepeat(long offset) => offset < Volatile.Read(ref _repeatedBelow);

    /// <summary>
    /// The partition was read to the end of its log, after the checkpoint that ended the ownership of other loops. They have judged
    /// nothing from here on that depends on the time (<see cref="ExactnessRules.MustProveOwnership"/>).
    /// </summary>
    /// <param name="end">The offset after the last message.</param>
    public void ReachedEnd(long end)
    {
        if (Volatile.Read(ref _repeatedBelow) == long.MaxValue)
        {
            lock (_gate)
            {
                _repeatedBelow = end;
            }
        }
    }

    /// <param name="index">The reading within the message.</param>
    /// <returns>The refusal of a reading. Null if it was not refused.</returns>
    public Refusal? Find(long offset, int index)
    {
        // The loop asks for messages again after it has refused them, so the consume thread misses none.
        if (!Volatile.Read(ref _hasAny))
        {
            return null;
        }

        lock (_gate)
        {
            return _refusals.TryGetValue((offset, index), out var found) ? found.Refusal : null;
        }
    }

    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <returns>The first and the last time at which a message that is repeated can have been judged, µs since the epoch.</returns>
    public (long First, long Last) TimesUntil(long now)
    {
        var judgedFrom = Volatile.Read(ref _judgedFrom);
        return (Math.Min(judgedFrom, now) - Tolerance, Math.Max(judgedFrom, now) + Tolerance);
    }

    /// <summary>Adds the refusal of a message that is dispatched.</summary>
    /// <returns>Whether its dead letter must be written. False if the loop has done so before a rewind.</returns>
    public bool TryAdd(Refusal refusal)
    {
        lock (_gate)
        {
            if (_refusals.TryGetValue(KeyOf(refusal), out var known) && known.HasLetter)
            {
                return false;
            }

            _refusals[KeyOf(refusal)] = (refusal, true);
            _uncovered++;
            Volatile.Write(ref _hasAny, true);
            return true;
        }
    }

    /// <param name="position">The next offset to dispatch.</param>
    /// <param name="waitingFrom">No message that waits for its dispatch was judged before this time, µs since the epoch.</param>
    /// <returns>The earliest time at which a message from the position on can have been judged, µs since the epoch.</returns>
    public long JudgedFrom(long position, long waitingFrom)
    {
        lock (_gate)
        {
            return position < _repeatedBelow ? Math.Min(_judgedFrom, waitingFrom) : waitingFrom;
        }
    }

    /// <summary>Whether there are refusals below the offset, which can be removed.</summary>
    public bool AnyBelow(long offset)
    {
        lock (_gate)
        {
            return _refusals.Count > 0 && _refusals.Keys.Any(refused => refused.Offset < offset);
        }
    }

    /// <summary>A checkpoint was written.</summary>
    /// <param name="judgedFrom">See <see cref="JudgedFrom"/>.</param>
    /// <param name="removedBelow">The store has no refusals below this offset any more. Null if none were removed.</param>
    public void Checkpointed(long judgedFrom, long? removedBelow)
    {
        lock (_gate)
        {
            _checkpointJudgedFrom = judgedFrom;
            _uncovered = 0;
            if (removedBelow is not null)
            {
                foreach (var key in _refusals.Keys.Where(key => key.Offset < removedBelow).ToList())
                {
                    _refusals.Remove(key);
                }

                Volatile.Write(ref _hasAny, _refusals.Count > 0);
            }
        }
    }

    /// <summary>The messages from the checkpoint to the offset are read again.</summary>
    public void Rewind(long below)
    {
        lock (_gate)
        {
            _uncovered = 0;
            Volatile.Write(ref _judgedFrom, _checkpointJudgedFrom);
            Volatile.Write(ref _repeatedBelow, Math.Max(_repeatedBelow, below));
        }
    }

    private static (long Offset, int Index) KeyOf(Refusal refusal) => (refusal.Offset, refusal.Index);
}
