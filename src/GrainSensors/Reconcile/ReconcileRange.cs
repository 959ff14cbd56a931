using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Reconcile;

/// <summary>The time range of a reconciliation, from <c>--from</c> and <c>--to</c> or from <c>--last</c>.</summary>
internal static class ReconcileRange
{
    private static readonly TimeSpan DefaultLast = TimeSpan.FromHours(24);

    /// <param name="now">µs since the epoch.</param>
    /// <returns>µs since the epoch; the first is inclusive, the second exclusive.</returns>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    public static (long From, long To) Of(long? from, long? to, TimeSpan? last, long now)
    {
        if (last is not null && (from is not null || to is not null))
        {
            throw new UsageException("--last excludes --from and --to; give either --last, or --from and --to.");
        }

        if (from is null && to is not null)
        {
            throw new UsageException("--to requires --from.");
        }

        var first = from ?? now - EpochTime.From(last ?? DefaultLast);
        var end = to ?? now;
        return first < end
            ? (first, end)
            : throw new UsageException(
                $"--from must be before {(to is null ? "now" : $"--to, {EpochTime.ToIso8601(end)}")}; got {EpochTime.ToIso8601(first)}.");
    }
}
