using System.Globalization;
using GrainSensors.Benchmarks.CommandLine;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>Prints a measurement.</summary>
internal static class LatencyReport
{
    public static void Print(LatencyRequest request, LatencyRun.Result result, bool json)
    {
        if (json)
        {
            JsonText.Print(new { request.Sensors, request.Rate, Seconds = request.Time.TotalSeconds, result });
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Rate:N0} readings a second of {request.Sensors:N0} sensors for {request.Time.TotalSeconds:N0} s, sent every 20 ms, "
            + $"at times after {result.LongestGap * 1e3:N0} ms; a checkpoint every {result.CheckpointInterval:0.0} s, "
            + $"at times after {result.LongestCheckpointInterval:0.0} s"));
        TextTable.Print([
            ["from the log to", "p50 ms", "p99 ms", "max ms", "samples"],
            .. result.Figures.Select(figure => new[]
            {
                figure.To, Ms(figure.P50), Ms(figure.P99), Ms(figure.Max), TextTable.Number(figure.Samples),
            })]);

        static string Ms(double seconds) => TextTable.Number(seconds * 1e3);
    }
}
