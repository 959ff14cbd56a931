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

    public override RuleVerdict Judge(in WatchedValue reading, bool isOpen, ref RuleMemory memory) => VerdictOf(reading.Value);

    /// <param name="value">A finite number.</param>
    internal RuleVerdict VerdictOf(double value) => value > High ? RuleVerdict.Above
        : value < Low ? RuleVerdict.Below
        : value > High - Hysteresis || value < Low + Hysteresis ? RuleVerdict.Held
        : RuleVerdict.Calm;
}
