using System.Collections.Immutable;

namespace GrainSensors.Core.Alerts;

/// <summary>A condition over several sensors, which the database has, and not over the readings of one.</summary>
public abstract record SelectionCondition : RuleCondition
{
    /// <summary>Sensors with the same values of these tags, of <c>city</c> or of <c>station</c> are a group; empty: all are one.</summary>
    public ImmutableArray<string> By { get; init; } = [];
}
