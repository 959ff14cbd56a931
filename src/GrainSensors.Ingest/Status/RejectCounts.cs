using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Status;

/// <summary>The number of rejected messages by reason. One thread adds, and any thread may read.</summary>
public sealed class RejectCounts
{
    private static readonly RejectReason[] Reasons = Enum.GetValues<RejectReason>();
    private readonly long[] _counts = new long[Reasons.Length];

    /// <summary>The number of messages that were rejected for a reason.</summary>
    public long this[RejectReason reason] => Volatile.Read(ref _counts[(int)reason]);

    /// <summary>The number of all rejected messages.</summary>
    public long Total => Reasons.Sum(reason => this[reason]);

    /// <summary>The counts above 0 by the token of their reason, such as <c>not-json</c> or <c>expired</c>.</summary>
    public IReadOnlyDictionary<string, long> ByReason =>
        Reasons.Where(reason => this[reason] > 0).ToDictionary(reason => reason.ToToken(), reason => this[reason]);

    /// <returns>The sum of both counts at this moment.</returns>
    public RejectCounts Plus(RejectCounts other)
    {
        var sum = new RejectCounts();
        foreach (var reason in Reasons)
        {
            sum._counts[(int)reason] = this[reason] + other[reason];
        }

        return sum;
    }

    /// <returns>The counts as text, such as <c>2 not-json, 1 tombstone</c>.</returns>
    public override string ToString() => string.Join(", ", ByReason.Select(reason => $"{reason.Value} {reason.Key}"));

    internal void Add(RejectReason reason) => Volatile.Write(ref _counts[(int)reason], _counts[(int)reason] + 1);
}
