using System.Globalization;
using GrainSensors.Core.Alerts;

namespace GrainSensors.Storage.Alerts;

/// <summary>A filter for alerts; null and empty members match every alert.</summary>
public sealed record AlertQuery
{
    public const int MaxLimit = 1000;

    public IReadOnlyList<Guid> Ids { get; init; } = [];

    public IReadOnlyList<AlertStatus> Statuses { get; init; } = [];

    public AlertKind? Kind { get; init; }

    public AlertLevel? Level { get; init; }

    /// <summary>The name of a measurement; an empty name matches alerts about the sensor itself.</summary>
    public string? Measurement { get; init; }

    public IReadOnlyList<int> SensorIds { get; init; } = [];

    /// <summary>Earliest time of raising, inclusive, µs since the epoch.</summary>
    public long From { get; init; } = long.MinValue;

    /// <summary>Latest time of raising, exclusive, µs since the epoch.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>The last alert of the page before; null for the first page.</summary>
    public AlertCursor? After { get; init; }

    /// <summary>The maximum number of alerts, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A position in the list of alerts, sorted by time of raising, newest first.</summary>
/// <param name="RaisedAt">The time at which the alert was raised, µs since the epoch.</param>
public readonly record struct AlertCursor(long RaisedAt, Guid Id)
{
    public static AlertCursor Of(Alert alert) => new(alert.RaisedAt, alert.Id);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RaisedAt}-{Id:N}");

    public static bool TryParse(string? text, out AlertCursor cursor)
    {
        var dash = text?.LastIndexOf('-') ?? -1;
        if (dash > 0
            && long.TryParse(text.AsSpan(0, dash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var raisedAt)
            && Guid.TryParseExact(text.AsSpan(dash + 1), "N", out var id))
        {
            cursor = new(raisedAt, id);
            return true;
        }

        cursor = default;
        return false;
    }
}
