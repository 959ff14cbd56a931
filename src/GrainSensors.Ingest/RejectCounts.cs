using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest;

/// <summary>How many messages were rejected, by reason. One thread adds, any may read.</summary>
public sealed class RejectCounts
{
    private static readonly RejectReason[] Reasons = Enum.GetValues<RejectReason>();
    private readonly long[] _counts = new long[Reasons.Length];

    public long this[RejectReason reason] => Volatile.Read(ref _counts[(int)reason]);

    public long Total => Reasons.Sum(reason => this[reason]);

    /// <summary>Those that there are, by their token: <c>not-json</c>, <c>expired</c>, …</summary>
    public IReadOnlyDictionary<string, long> ByReason =>
        Reasons.Where(reason => this[reason] > 0).ToDictionary(reason => reason.ToToken(), reason => this[reason]);

    /// <returns>The counts of both together, as they are now.</returns>
    public RejectCounts Plus(RejectCounts other)
    {
        var sum = new RejectCounts();
        foreach (var reason in Reasons)
        {
            sum._counts[(int)reason] = this[reason] + other[reason];
        }

        return sum;
    }

    /// <returns>For people: <c>2 not-json, 1 tombstone</c>.</returns>
    public override string ToString() => string.Join(", ", ByReason.Select(reason => $"{reason.Value} {reason.Key}"));

    internal void Add(RejectReason reason) => Volatile.Write(ref _counts[(int)reason], _counts[(int)reason] + 1);
}
