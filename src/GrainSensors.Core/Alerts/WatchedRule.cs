using System.Collections.Frozen;

namespace GrainSensors.Core.Alerts;

/// <summary>A rule as data, ready to be applied. Times are in µs.</summary>
public sealed class WatchedRule(RuleKey key, RuleCondition condition)
{
    public RuleKey Key => key;

    public RuleCondition Condition => condition;

    /// <summary>The number of consecutive violations that raise an alert.</summary>
    public int DwellReadings { get; init; } = 1;

    /// <summary>The least time between the first of them and the alert.</summary>
    public long DwellTime { get; init; }

    /// <summary>The time after its clearing within which an alert reopens.</summary>
    public long CoolDown { get; init; } = DisconnectionRule.DefaultCoolDown;

    /// <summary>The sensors, by id or number; null: all.</summary>
    public FrozenSet<int>? Sensors { get; init; }

    /// <summary>Whether stream time judges the rule, besides the readings.</summary>
    internal bool IsTimed => condition is DisconnectedCondition or MissingCondition or WindowCondition;

    public bool AppliesTo(int sensorId) => Sensors is null || Sensors.Contains(sensorId);
}
