namespace GrainSensors.Core.Statistics;

/// <summary>The first and the last of some values, with their times. Mergeable in any order.</summary>
/// <remarks>Of values at one time, the least is taken for the first and the greatest for the last, whichever came before.</remarks>
/// <param name="FirstAt">µs since the epoch.</param>
/// <param name="LastAt">µs since the epoch.</param>
public readonly record struct EdgeValues(long FirstAt, double First, long LastAt, double Last)
{
    public static EdgeValues Of(long at, double value) => new(at, value, at, value);

    public EdgeValues Add(long at, double value) => Merge(Of(at, value));

    /// <returns>The edges of both together.</returns>
    public EdgeValues Merge(in EdgeValues other)
    {
        var isBefore = other.FirstAt < FirstAt || (other.FirstAt == FirstAt && other.First < First);
        var isAfter = other.LastAt > LastAt || (other.LastAt == LastAt && other.Last > Last);
        return new(
            isBefore ? other.FirstAt : FirstAt, isBefore ? other.First : First,
            isAfter ? other.LastAt : LastAt, isAfter ? other.Last : Last);
    }
}
