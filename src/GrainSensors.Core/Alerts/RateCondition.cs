namespace GrainSensors.Core.Alerts;

/// <summary>The value changes too fast.</summary>
/// <remarks>
/// An outlier rises and falls. The dwell counts violations of one direction, so a dwell of two readings ignores a single outlier.
/// </remarks>
public sealed record RateCondition : ValueCondition
{
    /// <summary>By default, two readings that are compared are apart by this share of <see cref="Per"/>.</summary>
    public const int DefaultIntervals = 10;

    public override AlertKind Kind => AlertKind.Rate;

    /// <summary>The change that violates the rule, above 0.</summary>
    public required double Change { get; init; }

    /// <summary>The time of that change.</summary>
    public required long Per { get; init; }

    /// <summary>
    /// The least time between two readings that are compared: noise between close readings would look like a fast change.
    /// </summary>
    public required long MinInterval { get; init; }

    /// <summary>The alert clears when the change is smaller than <see cref="Change"/> by this.</summary>
    public double Hysteresis { get; init; }

    /// <summary>Whether a rise violates the rule.</summary>
    public bool Rises { get; init; } = true;

    /// <summary>Whether a fall violates the rule.</summary>
    public bool Falls { get; init; } = true;

    public override RuleVerdict Judge(in WatchedValue reading, bool isOpen, ref RuleMemory memory)
    {
        var (before, apart) = (memory, reading.At - memory.At);
        if (before.IsSet && apart < Math.Max(1, MinInterval))
        {
            return RuleVerdict.None;
        }

        memory = before with { Value = reading.Value, At = reading.At, Since = reading.At, IsSet = true };
        if (!before.IsSet)
        {
            return RuleVerdict.None;
        }

        var change = (reading.Value - before.Value) * ((double)Per / apart);
        return IsAtLeast(change, Change) ? (change > 0 ? RuleVerdict.Above : RuleVerdict.Below)
            : IsAtLeast(change, Change - Hysteresis) ? RuleVerdict.Held
            : RuleVerdict.Calm;
    }

    private bool IsAtLeast(double change, double limit) => (Rises && change >= limit) || (Falls && change <= -limit);
}
