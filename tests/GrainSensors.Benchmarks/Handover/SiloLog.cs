using System.Globalization;
using System.Text.RegularExpressions;

namespace GrainSensors.Benchmarks.Handover;

/// <summary>A silo, and what it says of the partitions that come and go.</summary>
internal sealed partial class SiloLog(SiloProcess process) : IAsyncDisposable
{
    private int _forgotten;

    public SiloProcess Process => process;

    /// <summary>Partitions that the silo has handed over together.</summary>
    public sealed record HandOver(DateTime At, int[] Partitions, TimeSpan Took, int Grains);

    /// <summary>A partition that the silo has taken over, and how long after its assignment what was done.</summary>
    public sealed record TakeOver(DateTime Assigned, int Partition, TimeSpan First, TimeSpan Active, TimeSpan CaughtUp, int Grains);

    /// <summary>What was said until now is of no more interest.</summary>
    public void Forget() => _forgotten = process.Process.Errors.Count;

    public IEnumerable<HandOver> HandedOver() => Matches(HandedOverLine()).Select(match => new HandOver(
        At(match),
        [.. match.Groups["partitions"].Value.Split(", ").Select(Int)],
        Seconds(match, "took"),
        Int(match.Groups["grains"].Value)));

    public IEnumerable<TakeOver> TakenOver() => Matches(CaughtUpLine()).Select(match => new TakeOver(
        At(match) - Seconds(match, "took"),
        Int(match.Groups["partition"].Value),
        Seconds(match, "first"),
        Seconds(match, "active"),
        Seconds(match, "took"),
        Int(match.Groups["grains"].Value)));

    public int Rewinds() => Matches(RewindLine()).Count();

    public int Stalls() => Matches(StallLine()).Count();

    /// <summary>SIGTERM, and its end.</summary>
    public async Task TerminateAsync()
    {
        var end = await process.TerminateAsync();
        if (end.ExitCode != 0)
        {
            throw new InvalidOperationException($"A silo that was told to go ended badly: {end}");
        }
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private IEnumerable<Match> Matches(Regex line) =>
        process.Process.Errors.Skip(_forgotten).Select(text => line.Match(text)).Where(match => match.Success);

    private static DateTime At(Match match) =>
        DateTime.Parse(
            match.Groups["at"].Value,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private static TimeSpan Seconds(Match match, string group) =>
        TimeSpan.FromSeconds(double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture));

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<at>\S+) .*Partitions (?<partitions>[0-9, ]+) were handed over in (?<took>[0-9.]+) s, "
        + @"(?<grains>\d+) window grains released")]
    private static partial Regex HandedOverLine();

    [GeneratedRegex(
        @"^(?<at>\S+) .*Partition (?<partition>\d+) caught up (?<took>[0-9.]+) s after it was assigned: "
        + @"first readings after (?<first>[0-9.]+) s, (?<grains>\d+) window grains active after (?<active>[0-9.]+) s")]
    private static partial Regex CaughtUpLine();

    [GeneratedRegex(@"Partition \d+ rewinds to")]
    private static partial Regex RewindLine();

    [GeneratedRegex(@"Partition \d+ is stalled and will retry")]
    private static partial Regex StallLine();
}
