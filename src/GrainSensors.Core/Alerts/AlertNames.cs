namespace GrainSensors.Core.Alerts;

/// <summary>The names of kinds and levels, the same in tables, messages and options.</summary>
public static class AlertNames
{
    /// <summary>The only place with the words of kinds. They are a contract: tables, topics and rules have them.</summary>
    private static readonly (AlertKind Kind, string Word)[] Kinds =
    [
        (AlertKind.Disconnected, "disconnected"),
        (AlertKind.Extreme, "extreme"),
        (AlertKind.Threshold, "threshold"),
        (AlertKind.Rate, "rate"),
        (AlertKind.Stuck, "stuck"),
        (AlertKind.Expression, "expression"),
        (AlertKind.Missing, "missing"),
        (AlertKind.Window, "window"),
        (AlertKind.Group, "group"),
        (AlertKind.Compare, "compare"),
    ];

    public static string Name(this AlertKind kind) => Array.Find(Kinds, known => known.Kind == kind).Word
        ?? throw new ArgumentOutOfRangeException(nameof(kind), kind, "The kind of alert is unknown.");

    /// <param name="word">In lower case.</param>
    /// <returns>Null: this version does not know the kind.</returns>
    public static AlertKind? FindKind(string word) =>
        Array.Find(Kinds, known => known.Word == word) is { Word: not null } found ? found.Kind : null;

    /// <returns>The words of the kinds: <c>threshold, rate or stuck</c>.</returns>
    public static string Listed(IEnumerable<AlertKind> kinds)
    {
        var words = kinds.Select(Name).ToList();
        return $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
    }

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
    public static AlertKind ParseKind(string text) => FindKind(text.ToLowerInvariant()) ?? throw new FormatException(
        $"The kind of alert must be {Listed(Kinds.Select(known => known.Kind))}; got \"{text}\".");

    /// <exception cref="FormatException">The text is not a level; the message lists the levels.</exception>
    public static AlertLevel ParseLevel(string text) => text.ToUpperInvariant() switch
    {
        "ERROR" => AlertLevel.Error,
        "WARNING" => AlertLevel.Warning,
        _ => throw new FormatException($"The level of an alert must be ERROR or WARNING; got \"{text}\"."),
    };
}
