using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Reconcile;

/// <summary>From when to when, as <c>--from</c>, <c>--to</c> and <c>--last</c> say it.</summary>
internal static class ReconcileRange
{
    private const string DefaultLast = "24h";

    /// <param name="now">µs since the epoch.</param>
    /// <returns>µs since the epoch, the first inclusive.</returns>
    /// <exception cref="UsageException">They say nothing that can be understood, or contradict each other.</exception>
    public static (long From, long To) Parse(string? from, string? to, string? last, long now)
    {
        if (last is not null && (from is not null || to is not null))
        {
            throw new UsageException("Give either --last or --from and --to.");
        }

        if (from is null && to is not null)
        {
            throw new UsageException($"--to {to} needs --from.");
        }

        if (from is null)
        {
            return (now - EpochTime.From(OptionValues.Duration("--last", last ?? DefaultLast)), now);
        }

        var first = OptionValues.Time("--from", from);
        var end = to is null ? now : OptionValues.Time("--to", to);
        return first < end ? (first, end) : throw new UsageException($"--from {from} is not before {(to is null ? "now" : $"--to {to}")}.");
    }
}
