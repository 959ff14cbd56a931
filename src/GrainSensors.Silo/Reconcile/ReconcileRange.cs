using System.Globalization;
using System.Xml;
using GrainSensors.Core.Time;
using GrainSensors.Silo.DeadLetters;

namespace GrainSensors.Silo.Reconcile;

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
            return (now - EpochTime.From(Duration(last ?? DefaultLast)), now);
        }

        var first = EpochTime.From(LetterTimes.Parse("--from", from));
        var end = to is null ? now : EpochTime.From(LetterTimes.Parse("--to", to));
        return first < end ? (first, end) : throw new UsageException($"--from {from} is not before {(to is null ? "now" : $"--to {to}")}.");
    }

    private static TimeSpan Duration(string text)
    {
        try
        {
            var duration = text.StartsWith('P') ? XmlConvert.ToTimeSpan(text)
                : TimeSpan.FromSeconds(Seconds(text[^1]) * double.Parse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
            if (duration > TimeSpan.Zero && duration < TimeSpan.FromDays(10_000))
            {
                return duration;
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            // Said below.
        }

        throw new UsageException($"--last {text} is no duration; give a time such as 30s, 15m, 24h or 7d, or an ISO 8601 duration such as PT24H.");
    }

    private static int Seconds(char unit) => unit switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => 0,
    };
}
