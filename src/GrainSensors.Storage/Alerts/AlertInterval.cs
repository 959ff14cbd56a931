namespace GrainSensors.Storage.Alerts;

/// <summary>A row of the table <c>alert_intervals</c>: from a raising of an alert to its clearing. Times in µs since the epoch.</summary>
/// <param name="Occurrence">Number of the raising, from 1.</param>
/// <param name="ClearedAt">Null for an open alert.</param>
public readonly record struct AlertInterval(Guid AlertId, int Occurrence, long RaisedAt, long? ClearedAt);

/// <summary>A filter for intervals of alerts.</summary>
/// <param name="AlertIds">The alerts.</param>
public sealed record AlertIntervalQuery(IReadOnlyCollection<Guid> AlertIds)
{
    /// <summary>Start of the range that the intervals overlap, µs since the epoch.</summary>
    public long From { get; init; } = long.MinValue;

    /// <summary>End of the range that the intervals overlap, exclusive, µs since the epoch.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>Time of raising and number of the last interval of the page before; null for the first page.</summary>
    public (long RaisedAt, int Occurrence)? After { get; init; }

    /// <summary>The maximum number of intervals.</summary>
    public int Limit { get; init; } = AlertQuery.MaxLimit;
}
