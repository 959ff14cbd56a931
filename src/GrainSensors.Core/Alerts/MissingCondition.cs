namespace GrainSensors.Core.Alerts;

/// <summary>Fewer readings of the sensor, or values of a measurement, in a window than there should be.</summary>
/// <remarks>
/// The usual number is at first the least of some windows, so that a burst of delayed readings does not become usual. It then follows
/// each window by a part of the difference; a window counts as half the usual number to twice it. Windows without readings teach
/// nothing.
/// </remarks>
public sealed record MissingCondition : RuleCondition
{
    public const double DefaultShare = 0.5;

    /// <summary>The number of windows with readings that show what is usual.</summary>
    private const int MinWindows = 4;

    private const double Weight = 1 / 16.0;

    public override AlertKind Kind => AlertKind.Missing;

    /// <summary>The size of the windows, which begin at its multiples since the epoch.</summary>
    public required long Per { get; init; }

    /// <summary>The least number; null: <see cref="Share"/> applies.</summary>
    public long? Least { get; init; }

    /// <summary>The least share of the usual number.</summary>
    public double Share { get; init; } = DefaultShare;

    /// <param name="memory">
    /// Since and At: the window. Usual: the number in it. Value: the usual number. Changes: the number of windows, up to
    /// <see cref="MinWindows"/>.
    /// </param>
    /// <returns>NaN: it is not known yet.</returns>
    internal double LimitOf(in RuleMemory memory) => Least ?? (memory.Changes < MinWindows ? double.NaN : Share * memory.Value);

    /// <returns>The usual number; NaN if it does not matter, or is not known yet.</returns>
    internal double ExpectedOf(in RuleMemory memory) =>
        Least is not null || memory.Changes < MinWindows ? double.NaN : memory.Value;

    /// <returns>The memory at the first whole window after a time.</returns>
    internal RuleMemory Begin(long time)
    {
        var start = StartAfter(time);
        return new(0, start + Per, start, 0, 0, true);
    }

    /// <returns>The start of the first window that begins after a time.</returns>
    internal long StartAfter(long time) => RuleWindow.StartAfter(time, Per);

    /// <returns>The memory after a window, without its successor.</returns>
    internal RuleMemory Learn(in RuleMemory memory)
    {
        var (count, usual) = ((double)memory.Usual, memory.Value);
        if (count == 0 || Least is not null)
        {
            return memory;
        }

        return memory.Changes < MinWindows
            ? memory with { Value = memory.Changes == 0 ? count : Math.Min(usual, count), Changes = memory.Changes + 1 }
            : memory with { Value = usual + (Weight * (Math.Clamp(count, usual / 2, usual * 2) - usual)) };
    }
}
