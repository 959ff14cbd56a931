using System.Globalization;
using GrainSensors.Core.Alerts;

namespace GrainSensors.Storage.Alerts;

/// <summary>Which alerts to read; what is null or empty filters nothing.</summary>
public sealed record AlertQuery
{
    public const int MaxLimit = 1000;

    public IReadOnlyList<AlertStatus> Statuses { get; init; } = [];

    public AlertKind? Kind { get; init; }

    public AlertLevel? Level { get; init; }

    /// <summary>The name; empty: alerts about sensors as such.</summary>
    public string? Measurement { get; init; }

    public IReadOnlyList<int> SensorIds { get; init; } = [];

    /// <summary>Raised at or after, µs since the epoch.</summary>
    public long From { get; init; } = long.MinValue;

    /// <summary>Raised before, µs since the epoch.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>Goes on after this one, the last of the page before.</summary>
    public AlertCursor? After { get; init; }

    /// <summary>At most so many, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A place in the list of alerts that is sorted by the moment of raising, newest first.</summary>
/// <param name="RaisedAt">µs since the epoch.</param>
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
