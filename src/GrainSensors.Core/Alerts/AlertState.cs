namespace GrainSensors.Core.Alerts;

/// <summary>The last alert of one kind about one subject: open, or cleared and kept for the cool-down.</summary>
/// <param name="RaisedAt">The time at which the alert was first raised, µs since the epoch.</param>
/// <param name="ClearedAt">The time at which the alert cleared last, µs since the epoch; of a new alert the time of its raising.</param>
/// <param name="Occurrences">The number of times that the alert was raised, reopenings included; 0 if there was no alert.</param>
public readonly record struct AlertState(long RaisedAt, long ClearedAt, int Occurrences, bool IsOpen)
{
    /// <summary>Raises a new alert, or reopens the last one if it cleared within the cool-down.</summary>
    /// <param name="at">The time at which the condition holds, µs since the epoch.</param>
    /// <param name="coolDown">The time in µs within which a cleared alert reopens.</param>
    public AlertState Raise(long at, long coolDown) => IsWithin(at, coolDown)
        ? this with { Occurrences = Occurrences + 1, IsOpen = true }
        : new(at, at, 1, true);

    /// <param name="at">The time at which the condition ended, µs since the epoch.</param>
    public AlertState Clear(long at) => this with { ClearedAt = at, IsOpen = false };

    /// <returns>Whether the time belongs to the alert or to the cool-down after it.</returns>
    public bool IsWithin(long at, long coolDown) => Occurrences > 0 && at - ClearedAt <= coolDown;

    internal void Write(StateWriter writer, long @base)
    {
        writer.Signed(@base - RaisedAt);
        writer.Signed(ClearedAt - RaisedAt);
        writer.Unsigned(((ulong)Occurrences << 1) | (IsOpen ? 1UL : 0));
    }

    internal static AlertState Read(ref StateReader reader, long @base)
    {
        var raisedAt = @base - reader.Signed();
        var clearedAt = raisedAt + reader.Signed();
        var occurrences = reader.Unsigned();
        return new(raisedAt, clearedAt, (int)(occurrences >> 1), (occurrences & 1) != 0);
    }
}
