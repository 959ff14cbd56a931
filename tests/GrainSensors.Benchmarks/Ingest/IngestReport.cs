using System.Globalization;
using GrainSensors.Benchmarks.CommandLine;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>Prints the rounds as they come, their medians, and how the silos compare with the bare loop and with one silo.</summary>
internal sealed class IngestReport(IngestRequest request, bool json)
{
    private readonly List<(int Round, int Silos, IngestRound Result)> _rounds = [];

    /// <summary>Each reading is in the rows once, in every round.</summary>
    public bool IsExact => _rounds.TrueForAll(round => round.Result.IsExact);

    /// <param name="silos">0: the bare loop.</param>
    public void Add(int round, int silos, IngestRound result, int partitions)
    {
        if (_rounds.Count == 0)
        {
            var (readings, warmUp) = (request.Readings, request.WarmUp);
            Say($"{readings:N0} readings of {request.Sensors:N0} sensors in {partitions} partitions, {warmUp:N0} of them to warm up");
            var pauses = $"{"GC paused",11}{"longest",10}{"gen 2",10}";
            Say($"{"",-14}{"readings/s",12}{"seconds",9}{"CPU s/M",9}{"bytes each",12}{"peak MB",9}{pauses}  exact");
        }

        _rounds.Add((round, silos, result));
        Say($"{round,-3}{IngestRequest.NameOf(silos),-11}{Line(result)}");
    }

    public void End()
    {
        var contenders = request.Contenders.Select(silos => new
        {
            Contender = IngestRequest.NameOf(silos),
            Silos = silos,
            Median = MedianOf(silos),
            RatioToBareLoop = silos == 0 ? null : Ratio(silos, 0, result => result.Rate),
            CpuRatioToOneSilo = silos <= 1 ? null : Ratio(silos, 1, result => result.CpuPerMillion),
        }).ToList();
        foreach (var contender in contenders.Where(_ => request.Rounds > 1))
        {
            Say($"{"",-3}{contender.Contender,-11}{Line(contender.Median)}  median");
        }

        if (request.Silos > 1)
        {
            const string ToTheLast = "with --silos 1 and up to 200,000 sensors they end with the last reading";
            Say($"The silos' times include the wait for the next checkpoint; {ToTheLast}.");
        }

        foreach (var contender in contenders)
        {
            if (contender.RatioToBareLoop is { } ratio)
            {
                Say($"{contender.Contender}: {ratio:0.00} of the bare loop's rate, the median of {request.Rounds} rounds");
            }

            if (contender.CpuRatioToOneSilo is { } cpu)
            {
                Say($"{contender.Contender}: {cpu:0.00} times the CPU seconds of one silo, the median of {request.Rounds} rounds");
            }
        }

        if (json)
        {
            var rounds = _rounds.Select(round => new { round.Round, Contender = IngestRequest.NameOf(round.Silos), round.Result });
            JsonText.Print(new { request, rounds, contenders });
        }
    }

    private IngestRound MedianOf(int silos) => Of(silos).OrderBy(result => result.Rate).ElementAt(request.Rounds / 2);

    /// <returns>
    /// The median of the ratios of the rounds, because measurements of one round had the same state of the machine; null: one of the two
    /// was not measured.
    /// </returns>
    private double? Ratio(int silos, int other, Func<IngestRound, double> value) => request.Contenders.Contains(other)
        ? Of(silos).Zip(Of(other), (one, two) => value(one) / value(two)).Order().ElementAt(request.Rounds / 2)
        : null;

    private IEnumerable<IngestRound> Of(int silos) => _rounds.Where(round => round.Silos == silos).Select(round => round.Result);

    private static string Line(IngestRound result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Rate,12:N0}{result.Seconds,9:0.00}{result.CpuPerMillion,9:0.00}{result.AllocatedPerReading,12:N0}"
        + $"{result.Usage.PeakResident / 1e6,9:N0}{result.Usage.Paused / result.Seconds,11:P1}"
        + $"{result.Usage.LongestPause * 1e3,7:N0} ms{result.Usage.LongestFullPause * 1e3,7:N0} ms  {(result.IsExact ? "yes" : "NO")}");

    private void Say(FormattableString text)
    {
        if (!json)
        {
            Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        }
    }
}
