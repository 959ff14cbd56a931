namespace GrainSensors.Core.Alerts;

/// <summary>The value has not changed for longer than is usual for the sensor.</summary>
/// <remarks>
/// The condition learns how long the value of a sensor usually stays the same. A spread would not do in its place: a humidity in whole
/// percent has one, and still stays the same for hours. A sensor that never changes is never stuck.
/// </remarks>
public sealed record StuckCondition : ValueCondition
{
    public const double DefaultFactor = 3;

    /// <summary>1 day, in µs.</summary>
    public const long DefaultWarmUp = 86_400_000_000;

    /// <summary>The time constant by which a long time without a change is forgotten: 7 days, in µs.</summary>
    private const double TimeConstant = 7.0 * DefaultWarmUp;

    /// <summary>The least number of changes that show what is usual.</summary>
    private const int MinChanges = 5;

    public override AlertKind Kind => AlertKind.Stuck;

    /// <summary>The least time without a change that violates the rule.</summary>
    public required long For { get; init; }

    /// <summary>A larger difference is a change.</summary>
    public double Tolerance { get; init; }

    /// <summary>The time without a change must also exceed the longest usual one by this factor.</summary>
    public double Factor { get; init; } = DefaultFactor;

    /// <summary>The time from the first reading in which the condition only learns.</summary>
    public long WarmUp { get; init; } = DefaultWarmUp;

    public override RuleVerdict Judge(in WatchedValue reading, bool isOpen, ref RuleMemory memory)
    {
        if (!memory.IsSet)
        {
            memory = new(reading.Value, reading.At, reading.At, 0, 0, true);
            return RuleVerdict.None;
        }

        var gap = reading.At - Math.Max(reading.HeardBefore, memory.At);
        if (gap >= For)
        {
            // Without readings it is unknown whether the value has changed.
            memory = memory with { At = memory.At + gap };
        }

        var lasted = reading.At - memory.At;
        if (!(Math.Abs(reading.Value - memory.Value) > Tolerance))
        {
            return memory.Changes < MinChanges || reading.At - memory.Since < WarmUp ? RuleVerdict.None
                : lasted >= Math.Max(For, Factor * memory.Usual) ? RuleVerdict.Above
                : RuleVerdict.Held;
        }

        // What raised an alert is not usual.
        var usual = isOpen ? memory.Usual : (long)Math.Max(lasted, memory.Usual * Math.Exp(-lasted / TimeConstant));
        memory = memory with
        {
            Value = reading.Value,
            At = reading.At,
            Usual = usual,
            Changes = memory.Changes == int.MaxValue ? int.MaxValue : memory.Changes + 1,
        };
        return RuleVerdict.Calm;
    }
}
