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
    private const long Tolerance = EpochTime.MicrosPerSecond;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, (Refusal Refusal, bool HasLetter)> _refusals = [];
    private long _repeatedBelow;
    private long _judgedFrom;
    private long _checkpointJudgedFrom;

    /// <param name="stored">The refusals in the store.</param>
    /// <param name="repeatedBelow">Another loop may have judged the messages below this offset.</param>
    /// <param name="judgedFrom">The earliest time at which it can have done so, µs since the epoch.</param>
    public Refusals(IEnumerable<Refusal> stored, long repeatedBelow, long judgedFrom)
    {
        (_repeatedBelow, _judgedFrom, _checkpointJudgedFrom) = (repeatedBelow, judgedFrom, judgedFrom);
        foreach (var refusal in stored)
        {
            _refusals.Add(refusal.Offset, (refusal, false));
            _repeatedBelow = Math.Max(_repeatedBelow, refusal.Offset + 1);
        }
    }

    /// <summary>A partition of which no message was read before.</summary>
    public Refusals()
        : this([], 0, 0)
    {
    }

    /// <summary>Whether the message may have been judged before.</summary>
    public bool MayRepeat(long offset) => offset < Volatile.Read(ref _repeatedBelow);

    /// <returns>The refusal of a message. Null if it was not refused.</returns>
    public Refusal? Find(long offset)
    {
        lock (_gate)
        {
            return _refusals.TryGetValue(offset, out var found) ? found.Refusal : null;
        }
    }

    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <returns>The first and the last time at which a message that is repeated can have been judged, µs since the epoch.</returns>
    public (long First, long Last) TimesUntil(long now)
    {
        lock (_gate)
        {
            return (Math.Min(_judgedFrom, now) - Tolerance, Math.Max(_judgedFrom, now) + Tolerance);
        }
    }

    /// <summary>Adds the refusal of a message that is dispatched.</summary>
    /// <returns>Whether its dead letter must be written. False if the loop has done so before a rewind.</returns>
    public bool TryAdd(Refusal refusal)
    {
        lock (_gate)
        {
            if (_refusals.TryGetValue(refusal.Offset, out var known) && known.HasLetter)
            {
                return false;
            }

            _refusals[refusal.Offset] = (refusal, true);
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
            return _refusals.Count > 0 && _refusals.Keys.Any(refused => refused < offset);
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
            if (removedBelow is not null)
            {
                foreach (var offset in _refusals.Keys.Where(offset => offset < removedBelow).ToList())
                {
                    _refusals.Remove(offset);
                }
            }
        }
    }

    /// <summary>The messages from the checkpoint to the offset are read again.</summary>
    public void Rewind(long below)
    {
        lock (_gate)
        {
            _judgedFrom = _checkpointJudgedFrom;
            Volatile.Write(ref _repeatedBelow, Math.Max(_repeatedBelow, below));
        }
    }
}
