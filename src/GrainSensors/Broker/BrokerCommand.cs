using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Invocation;

namespace GrainSensors.Broker;

/// <summary><c>broker</c>: the embedded broker as a separate process, which keeps running while silos start and stop.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        var partitions = CommonOptions.Integer(
            "--partitions", "N", $"Partitions of each topic [default: {EmbeddedKafka.Partitions}]", 1, 1000);
        var file = new Option<FileInfo?>("--address-file")
        {
            HelpName = "FILE",
            Description = "Write HOST:PORT to this file when the broker is ready",
        };
        var command = new Command(
            "broker",
            """
            Run the embedded Kafka broker as a separate process, for testing

            Kafka clients on this machine can use the broker at the address that it prints. Each partition keeps at
            most 5 MiB or 100,000 batches in memory. The broker answers no admin requests. It loses all messages when
            it stops.

              grainsensors broker --partitions 6 --address-file broker.txt
            """)
        {
            partitions, file,
        };
        command.SetAction((result, cancellationToken) =>
            RunAsync(result.GetValue(partitions) ?? EmbeddedKafka.Partitions, result.GetValue(file), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int partitions, FileInfo? file, CancellationToken cancellationToken)
    {
        var topics = PipelineSettings.Load(CommonOptions.Overrides()).AllTopics;
        using var broker = new EmbeddedBroker(topics, partitions);
        if (file is not null)
        {
            await WriteAsync(file, broker.BootstrapServers, cancellationToken);
        }

        var each = partitions == 1 ? "1 partition each" : $"{partitions} partitions each";
        Console.WriteLine($"Kafka     {broker.BootstrapServers}, topics {string.Join(", ", topics)}, {each}. Press Ctrl-C to stop.");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCodes.Success;
    }

    /// <summary>A process that waits for the file must never read half an address, so the file appears complete.</summary>
    private static async Task WriteAsync(FileInfo file, string address, CancellationToken cancellationToken)
    {
        try
        {
            var draft = file.FullName + ".tmp";
            await File.WriteAllTextAsync(draft, address, cancellationToken);
            File.Move(draft, file.FullName, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot write the address to {file.FullName}: {e.Message}", e);
        }
    }
}
