namespace GrainSensors.Core.Alerts;

/// <summary>The value is above or below a limit.</summary>
public sealed record ThresholdCondition : ValueCondition
{
    public override AlertKind Kind => AlertKind.Threshold;

    /// <summary>Values above it violate the rule. NaN for no limit.</summary>
    public double High { get; init; } = double.NaN;

    /// <summary>Values below it violate the rule. NaN for no limit.</summary>
    public double Low { get; init; } = double.NaN;

    /// <summary>The distance inside the limits at which the alert clears.</summary>
    public double Hysteresis { get; init; }

    public override RuleVerdict Judge(in WatchedValue reading, bool isOpen, ref RuleMemory memory) =>
        reading.Value > High ? RuleVerdict.Above
        : reading.Value < Low ? RuleVerdict.Below
        : reading.Value > High - Hysteresis || reading.Value < Low + Hysteresis ? RuleVerdict.Held
        : RuleVerdict.Calm;
}
