namespace GrainSensors.Core.Alerts;

/// <summary>No reading of the sensor, or no value of a measurement, for longer than a timeout.</summary>
/// <remarks>
/// A learnt timeout follows the usual interval: the longest of late, without the outliers. A sensor may send its measurements in
/// several readings and then sleep, so its median interval says nothing. A longer interval at most doubles the usual one, so an outage
/// of days counts little, and a new pace is learnt in a few readings. Shorter ones take a <see cref="Forgetting"/>th of their length
/// from it.
/// </remarks>
public sealed record DisconnectedCondition : RuleCondition
{
    /// <summary>1 minute, in µs.</summary>
    public const long DefaultMinimum = 60_000_000;

    public const double DefaultFactor = 3;

    /// <summary>The number of intervals that show what is usual. The second longest of them is.</summary>
    private const int MinIntervals = 5;

    private const int Forgetting = 20;

    /// <summary>100 years, in µs.</summary>
    private const double MaxTimeout = 3_155_760_000_000_000;

    public override AlertKind Kind => AlertKind.Disconnected;

    /// <summary>The timeout; null: it is learnt.</summary>
    public long? Timeout { get; init; }

    /// <summary>The least timeout that is learnt.</summary>
    public long Minimum { get; init; } = DefaultMinimum;

    /// <summary>The learnt timeout is the usual interval times this.</summary>
    public double Factor { get; init; } = DefaultFactor;

    /// <param name="memory">
    /// Usual: the usual interval. Changes: the number of intervals, up to <see cref="MinIntervals"/>. Value: until then the longest.
    /// </param>
    /// <returns><see cref="long.MaxValue"/>: not known yet.</returns>
    internal long TimeoutOf(in RuleMemory memory) => Timeout
        ?? (memory.Changes < MinIntervals ? long.MaxValue : Math.Max(Minimum, (long)Math.Min(MaxTimeout, Factor * memory.Usual)));

    /// <returns>The memory after a reading that is later than the one before it.</returns>
    internal RuleMemory Learn(in RuleMemory memory, long at)
    {
        if (!memory.IsSet)
        {
            return new(0, at, at, 0, 0, true);
        }

        var (interval, usual, longest) = (at - memory.At, memory.Usual, (long)memory.Value);
        if (Timeout is not null)
        {
            return memory with { At = at, Since = at };
        }

        if (memory.Changes >= MinIntervals)
        {
            usual = Math.Max(Math.Min(interval, 2 * usual), usual - (interval / Forgetting));
            return memory with { At = at, Since = at, Usual = usual };
        }

        (longest, usual) = interval > longest ? (interval, longest) : (longest, Math.Max(usual, interval));
        var count = memory.Changes + 1;
        return new(count < MinIntervals ? longest : 0, at, at, usual, count, true);
    }
}
