namespace GrainSensors.Core.Alerts;

/// <summary>The condition of a rule. Times are in µs, values in the unit of the measurement.</summary>
/// <remarks>A verdict is a function of the readings and their order, so reprocessing yields the same alerts.</remarks>
public abstract record RuleCondition
{
    public abstract AlertKind Kind { get; }
}

/// <summary>A condition that is judged by each value of one measurement.</summary>
public abstract record ValueCondition : RuleCondition
{
    /// <param name="reading">A finite value that is not late.</param>
    /// <param name="isOpen">Whether the alert of the rule is open.</param>
    public abstract RuleVerdict Judge(in WatchedValue reading, bool isOpen, ref RuleMemory memory);
}

/// <summary>What a reading says about a rule.</summary>
public enum RuleVerdict : byte
{
    /// <summary>Nothing: the reading cannot be judged.</summary>
    None = 0,

    /// <summary>The condition does not hold.</summary>
    Calm,

    /// <summary>The condition does not hold, but not clearly enough to clear an alert.</summary>
    Held,

    /// <summary>The condition holds: the value is too high, or rises.</summary>
    Above,

    /// <summary>The condition holds: the value is too low, or falls.</summary>
    Below,
}

/// <summary>What a condition remembers of a sensor. Times are in µs since the epoch.</summary>
/// <param name="Value">The value of the reference reading.</param>
/// <param name="At">The time of the reference reading.</param>
/// <param name="Since">The time of the first reading.</param>
/// <param name="Usual">The longest usual time without a change, in µs.</param>
/// <param name="Changes">The number of changes; it saturates.</param>
public readonly record struct RuleMemory(double Value, long At, long Since, long Usual, int Changes, bool IsSet)
{
    internal void Write(StateWriter writer, long @base)
    {
        writer.Number(Value);
        writer.Signed(@base - At);
        writer.Signed(At - Since);
        writer.Unsigned((ulong)Usual);
        writer.Unsigned((ulong)Changes);
    }

    internal static RuleMemory Read(ref StateReader reader, long @base)
    {
        var value = reader.Number();
        var at = @base - reader.Signed();
        return new(value, at, at - reader.Signed(), (long)reader.Unsigned(), (int)reader.Unsigned(), true);
    }
}
