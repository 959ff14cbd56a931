using System.CommandLine;
using System.Diagnostics;
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

/// <summary>What it costs to announce closed windows, as many grains do at the end of a period: calls with two rows each, 2,048 at once.</summary>
internal static class AnnounceScenario
{
    private const int InFlight = 2048;

    public static Command Create()
    {
        var windows = new Option<int>("--windows") { Description = "Windows to close.", DefaultValueFactory = _ => 100_000 };
        var command = new Command("announce", "How long it takes to announce closed windows, to the embedded broker.") { windows };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(windows)));
        return command;
    }

    private static async Task RunAsync(int windows)
    {
        var kafka = new KafkaOptions();
        using var broker = new EmbeddedBroker(kafka.AllTopics, 6);
        kafka.BootstrapServers = broker.BootstrapServers;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        builder.Services.AddSingleton(Options.Create(kafka)).AddReadingProducer(TimeSpan.Zero).AddSensorStreams();
        using var host = builder.Build();
        await host.StartAsync();
        var events = host.Services.GetRequiredService<IWindowEvents>();
        for (var round = 1; round <= 3; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var from = 0; from < windows; from += InFlight)
            {
                await Task.WhenAll(Enumerable.Range(from, Math.Min(InFlight, windows - from)).Select(sensor => events.AnnounceAsync([Row(sensor, "temperature"), Row(sensor, "humidity")])));
            }

            Console.WriteLine($"{round}  {watch.Elapsed.TotalSeconds:0.00} s for {windows:N0} windows, {2 * windows / watch.Elapsed.TotalSeconds:N0} events/s");
        }

        await host.StopAsync();
    }

    private static WindowRow Row(int sensor, string metric) =>
        new(new(sensor, metric, 0, Period.Default.TotalMicros), new RunningStatistics(900, 21.43, 81.2, 20.9, 22.04), Marks.Empty, 0, 0, true);
}
