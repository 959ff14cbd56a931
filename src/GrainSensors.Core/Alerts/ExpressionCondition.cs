using GrainSensors.Core.Expressions;

namespace GrainSensors.Core.Alerts;

/// <summary>An expression over several measurements of a sensor holds.</summary>
/// <remarks>
/// Measurements may come in different readings, and a reading may overtake another one. So the latest value of each counts, whichever
/// arrives, and the time of the judgement is that of the newest reading.
/// </remarks>
public sealed record ExpressionCondition(MeasurementExpression Expression) : RuleCondition
{
    /// <summary>15 minutes, in µs.</summary>
    public const long DefaultMaxAge = 900_000_000;

    public override AlertKind Kind => AlertKind.Expression;

    /// <summary>The expression is not judged if one of its values is older.</summary>
    public long MaxAge { get; init; } = DefaultMaxAge;

    /// <param name="at">The time of the newest reading of the sensor.</param>
    internal RuleVerdict Judge(LatestValues latest, long at) =>
        !latest.AreKnown(at, MaxAge) ? RuleVerdict.Held
        : Expression.Holds(latest.Values) ? RuleVerdict.Above
        : RuleVerdict.Calm;
}
