namespace GrainSensors.Core.Alerts;

/// <summary>The rules as data that are in force. A change makes a new object.</summary>
public sealed class RuleSet
{
    private readonly WatchedRule[] _rules;
    private readonly bool _isForAll;

    /// <param name="rules">The enabled rules of known measurements; each id once.</param>
    public RuleSet(IEnumerable<WatchedRule> rules)
    {
        _rules = [.. rules.OrderBy(rule => rule.Key.Id, StringComparer.Ordinal)];
        HasTimed = Array.Exists(_rules, rule => rule.IsTimed);
        _isForAll = Array.TrueForAll(_rules, rule => rule.Sensors is null);
    }

    public static RuleSet None { get; } = new([]);

    public IReadOnlyList<WatchedRule> Rules => _rules;

    /// <summary>Whether stream time judges a rule, also for sensors that report no longer.</summary>
    internal bool HasTimed { get; }

    /// <returns>The rules that apply to the sensor, in the order of their ids.</returns>
    internal ReadOnlySpan<WatchedRule> Of(int sensorId) =>
        _isForAll ? _rules : Array.FindAll(_rules, rule => rule.AppliesTo(sensorId));
}
