using System.Globalization;
using System.Text.Json;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>Prints the rounds as they come, the medians, and what the product makes of the bare loop's rate.</summary>
internal sealed class IngestReport(IngestScenario.Request request, bool json)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private readonly List<(int Round, string Contender, IngestRound Result)> _rounds = [];

    public void Begin()
    {
        Say($"{request.Readings:N0} readings of {request.Sensors:N0} sensors, {request.WarmUp:N0} of them to warm up, {request.Partitions} partitions, {request.Silos} silos{(request.Live ? ", written meanwhile" : "")}");
        Say($"{"",-18}{"readings/s",12}{"seconds",9}{"CPU s/M",9}{"bytes each",12}{"peak MB",9}{"GC paused",11}{"longest",10}{"gen 2",10}  exact");
    }

    public void Add(int round, string contender, IngestRound result)
    {
        _rounds.Add((round, contender, result));
        Say($"{round,-3}{contender,-15}{Line(result)}");
    }

    /// <returns>Every round was exact, and the ratio is no lower than was asked for.</returns>
    public bool End()
    {
        var medians = _rounds.GroupBy(round => round.Contender)
            .ToDictionary(group => group.Key, group => group.Select(round => round.Result).OrderBy(result => result.Rate).ElementAt(group.Count() / 2));
        foreach (var (contender, median) in medians)
        {
            Say($"{"",-3}{contender,-15}{Line(median)}  median");
        }

        double? ratio = medians.TryGetValue("bare loop", out var bare) && medians.TryGetValue("product", out var product) ? product.Rate / bare.Rate : null;
        Say($"ratio {ratio:0.00}");
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { request, rounds = _rounds.Select(round => new { round.Round, round.Contender, round.Result }), ratio }, Json));
        }

        return _rounds.TrueForAll(round => round.Result.IsExact) && (request.Floor is null || ratio >= request.Floor);
    }

    private static string Line(IngestRound result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Rate,12:N0}{result.Seconds,9:0.00}{result.CpuPerMillion,9:0.00}{result.AllocatedPerReading,12:N0}{result.Usage.PeakResident / 1e6,9:N0}{result.Usage.Paused / result.Seconds,11:P1}{result.Usage.LongestPause * 1e3,7:N0} ms{result.Usage.LongestFullPause * 1e3,7:N0} ms  {(result.IsExact ? "yes" : "NO")}");

    private void Say(FormattableString text)
    {
        if (!json)
        {
            Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        }
    }
}
