namespace GrainSensors.Core.Alerts;

/// <summary>The words of kinds and levels, the same in tables, messages and options.</summary>
public static class AlertNames
{
    public static string Name(this AlertKind kind) => kind switch
    {
        AlertKind.Disconnected => "disconnected",
        AlertKind.Extreme => "extreme",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of alert."),
    };

    public static string Name(this AlertLevel level) => level switch
    {
        AlertLevel.Error => "ERROR",
        AlertLevel.Warning => "WARNING",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "There is no such level."),
    };

    public static AlertLevel LevelOf(AlertKind kind) => kind == AlertKind.Disconnected ? AlertLevel.Error : AlertLevel.Warning;

    /// <exception cref="FormatException">With a sentence that names the kinds there are.</exception>
    public static AlertKind ParseKind(string text) => text.ToLowerInvariant() switch
    {
        "disconnected" => AlertKind.Disconnected,
        "extreme" => AlertKind.Extreme,
        _ => throw new FormatException($"\"{text}\" is no kind of alert; use disconnected or extreme."),
    };

    /// <exception cref="FormatException">With a sentence that names the levels there are.</exception>
    public static AlertLevel ParseLevel(string text) => text.ToUpperInvariant() switch
    {
        "ERROR" => AlertLevel.Error,
        "WARNING" => AlertLevel.Warning,
        _ => throw new FormatException($"\"{text}\" is no level of an alert; use ERROR or WARNING."),
    };
}
