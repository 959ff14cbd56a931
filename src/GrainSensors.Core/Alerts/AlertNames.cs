namespace GrainSensors.Core.Alerts;

/// <summary>The names of kinds and levels, the same in tables, messages and options.</summary>
public static class AlertNames
{
    public static string Name(this AlertKind kind) => kind switch
    {
        AlertKind.Disconnected => "disconnected",
        AlertKind.Extreme => "extreme",
        AlertKind.Threshold => "threshold",
        AlertKind.Rate => "rate",
        AlertKind.Stuck => "stuck",
        AlertKind.Expression => "expression",
        AlertKind.Missing => "missing",
        AlertKind.Group => "group",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The kind of alert is unknown."),
    };

    public static string Name(this AlertLevel level) => level switch
    {
        AlertLevel.Error => "ERROR",
        AlertLevel.Warning => "WARNING",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "The level of the alert is unknown."),
    };

    /// <summary>Whether the rule of an alert is the built-in one, which has the name of its kind; else the rule is data.</summary>
    public static bool IsBuiltIn(this AlertKind kind, string rule) =>
        kind is AlertKind.Disconnected or AlertKind.Extreme && rule == kind.Name();

    /// <summary>The level of an alert of a built-in rule, and the default of rules as data of the kind.</summary>
    public static AlertLevel LevelOf(AlertKind kind) =>
        kind is AlertKind.Disconnected or AlertKind.Group ? AlertLevel.Error : AlertLevel.Warning;

    /// <exception cref="FormatException">The text is not a kind of alert; the message lists the kinds.</exception>
    public static AlertKind ParseKind(string text) => text.ToLowerInvariant() switch
    {
        "disconnected" => AlertKind.Disconnected,
        "extreme" => AlertKind.Extreme,
        "threshold" => AlertKind.Threshold,
        "rate" => AlertKind.Rate,
        "stuck" => AlertKind.Stuck,
        "expression" => AlertKind.Expression,
        "missing" => AlertKind.Missing,
        "group" => AlertKind.Group,
        _ => throw new FormatException(
            $"The kind of alert must be disconnected, extreme, threshold, rate, stuck, expression, missing or group; got \"{text}\"."),
    };

    /// <exception cref="FormatException">The text is not a level; the message lists the levels.</exception>
    public static AlertLevel ParseLevel(string text) => text.ToUpperInvariant() switch
    {
        "ERROR" => AlertLevel.Error,
        "WARNING" => AlertLevel.Warning,
        _ => throw new FormatException($"The level of an alert must be ERROR or WARNING; got \"{text}\"."),
    };
}
