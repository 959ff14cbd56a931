using System.CommandLine;
using System.Diagnostics;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GrainSensors.Benchmarks.Announce;

/// <summary>
/// Measures the cost of announcing closed windows, as many grains do at the end of a period: calls with two rows each, 2,048 at once.
/// </summary>
internal static class AnnounceScenario
{
    private const int InFlight = 2048;

    public static Command Create()
    {
        var windows = NumberOption.Of("--windows", "To close", 100_000, 1, 10_000_000);
        var rounds = NumberOption.Of("--rounds", "How often", 3, 1, 1000);
        var json = ServerOptions.Json();
        var command = new Command("announce", "How long it takes to announce closed windows, to the embedded broker.")
        {
            windows, rounds, json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(windows), parsed.GetValue(rounds), parsed.GetValue(json)));
        return command;
    }

    /// <param name="EventsPerSecond">Two measurements of each window.</param>
    private sealed record Round(int Number, double Seconds, double EventsPerSecond);

    private static async Task RunAsync(int windows, int rounds, bool json)
    {
        using var progress = new Progress();
        var table = new ResultTable<Round>(
            progress,
            json,
            new("round", 6, row => TextTable.Number(row.Number)),
            new("seconds", 9, row => TextTable.Number(row.Seconds, "0.00")),
            new("events/s", 12, row => TextTable.Number(row.EventsPerSecond)));
        table.Say($"{windows:N0} windows, two events each");
        progress.Say($"broker and silo start", isNews: true);
        var kafka = new KafkaOptions();
        using var broker = new EmbeddedBroker(kafka.AllTopics, 6);
        kafka.BootstrapServers = broker.BootstrapServers;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        builder.Services.AddSingleton(Options.Create(kafka)).AddReadingProducer(TimeSpan.Zero).AddSensorStreams();
        using var host = builder.Build();
        await host.StartAsync();
        var events = host.Services.GetRequiredService<IWindowEvents>();
        for (var round = 1; round <= rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var from = 0; from < windows; from += InFlight)
            {
                progress.Say($"round {round}: {from:N0} of {windows:N0} windows are announced");
                await Task.WhenAll(Enumerable.Range(from, Math.Min(InFlight, windows - from))
                    .Select(sensor => events.AnnounceAsync([Row(sensor, "temperature"), Row(sensor, "humidity")])));
            }

            table.Add(new(round, watch.Elapsed.TotalSeconds, 2 * windows / watch.Elapsed.TotalSeconds));
        }

        await host.StopAsync();
        table.End(new { windows, rounds = table.Rows });
    }

    private static WindowRow Row(int sensor, string metric) =>
        new(
            new(sensor, metric, Period.Default, 0),
            new RunningStatistics(900, 21.43, 81.2, 20.9, 22.04),
            Marks.Empty,
            0,
            0,
            true);
}
