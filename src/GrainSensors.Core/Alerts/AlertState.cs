namespace GrainSensors.Core.Alerts;

/// <summary>The last alert of one kind about one subject: open, or cleared and kept for the cool-down.</summary>
/// <param name="RaisedAt">The time at which the alert was first raised, µs since the epoch.</param>
/// <param name="LastRaisedAt">The time at which the alert was last raised or reopened, µs since the epoch.</param>
/// <param name="ClearedAt">The time at which the alert cleared last, µs since the epoch; of a new alert the time of its raising.</param>
/// <param name="Occurrences">The number of times that the alert was raised, reopenings included; 0 if there was no alert.</param>
public readonly record struct AlertState(long RaisedAt, long LastRaisedAt, long ClearedAt, int Occurrences, bool IsOpen)
{
    /// <summary>Raises a new alert, or reopens the last one if it cleared within the cool-down.</summary>
    /// <param name="at">The time at which the condition holds, µs since the epoch.</param>
    /// <param name="coolDown">The time in µs within which a cleared alert reopens.</param>
    public AlertState Raise(long at, long coolDown) => IsWithin(at, coolDown)
        ? this with { LastRaisedAt = at, Occurrences = Occurrences + 1, IsOpen = true }
        : new(at, at, at, 1, true);

    /// <param name="at">
    /// The time at which the condition ended, µs since the epoch. A late reading can be older than the alert that it clears; an alert
    /// never clears before it was raised.
    /// </param>
    public AlertState Clear(long at) => this with { ClearedAt = Math.Max(at, LastRaisedAt), IsOpen = false };

    /// <returns>Whether the time belongs to the alert or to the cool-down after it.</returns>
    public bool IsWithin(long at, long coolDown) => Occurrences > 0 && at - ClearedAt <= coolDown;

    internal void Write(StateWriter writer, long @base)
    {
        writer.Signed(@base - RaisedAt);
        writer.Signed(LastRaisedAt - RaisedAt);
        writer.Signed(ClearedAt - RaisedAt);
        writer.Unsigned(((ulong)Occurrences << 1) | (IsOpen ? 1UL : 0));
    }

    internal static AlertState Read(ref StateReader reader, long @base)
    {
        var raisedAt = @base - reader.Signed();
        long? lastRaisedAt = reader.Version >= 2 ? raisedAt + reader.Signed() : null;
        var clearedAt = raisedAt + reader.Signed();
        var occurrences = reader.Unsigned();

        // The alerts table has the time that version 1 lacks. An alert reopens after it has cleared.
        return new(raisedAt, lastRaisedAt ?? clearedAt, clearedAt, (int)(occurrences >> 1), (occurrences & 1) != 0);
    }
}
