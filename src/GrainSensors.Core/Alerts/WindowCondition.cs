namespace GrainSensors.Core.Alerts;

/// <summary>A statistic of the values of a measurement in a window is above or below a limit.</summary>
public sealed record WindowCondition : RuleCondition
{
    public override AlertKind Kind => AlertKind.Window;

    /// <summary>The size of the windows, which begin at its multiples since the epoch.</summary>
    public required long Per { get; init; }

    public required WindowStatistic Statistic { get; init; }

    /// <summary>The limits of the statistic.</summary>
    public required ThresholdCondition Limits { get; init; }

    /// <param name="statistic">NaN: the window has none, and neither raises nor clears.</param>
    internal RuleVerdict VerdictOf(double statistic) => double.IsNaN(statistic) ? RuleVerdict.None : Limits.VerdictOf(statistic);
}
