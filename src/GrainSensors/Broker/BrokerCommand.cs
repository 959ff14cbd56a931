using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Invocation;

namespace GrainSensors.Broker;

/// <summary><c>broker</c>: the embedded broker as a process of its own, so that silos can come and go while it stays.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        var partitions = new Option<int>("--partitions")
        {
            HelpName = "N",
            Description = "Of each topic",
            DefaultValueFactory = _ => EmbeddedKafka.Partitions,
            CustomParser = result => CommonOptions.Integer(result, 1, 1000),
        };
        var file = new Option<FileInfo?>("--address-file") { HelpName = "FILE", Description = "Write the address, HOST:PORT, into this file once the broker answers" };
        var command = new Command(
            "broker",
            """
            Run the embedded Kafka broker as a process of its own, for trials with several processes on this machine.

            It speaks Kafka's protocol to any client on loopback, at an address that it prints. It keeps at most 5 MiB or
            100,000 batches a partition, in memory, answers no admin requests, and forgets everything when it stops.
            """)
        {
            partitions, file,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result.GetValue(partitions), result.GetValue(file), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int partitions, FileInfo? file, CancellationToken cancellationToken)
    {
        var kafka = PipelineSettings.Load(CommonOptions.Overrides()).Kafka;
        using var broker = new EmbeddedBroker(kafka.AllTopics, partitions);
        if (file is not null)
        {
            await WriteAsync(file, broker.BootstrapServers, cancellationToken);
        }

        Console.WriteLine($"Kafka     {broker.BootstrapServers}, topics {string.Join(", ", kafka.AllTopics)} of {partitions} partitions. Ctrl-C stops.");
        using var interruption = new Interruption(cancellationToken);
        await Task.Delay(Timeout.Infinite, interruption.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCodes.Success;
    }

    /// <summary>Whole or not at all: whoever waits for the file must not read half an address.</summary>
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
            throw new UsageException($"The address cannot be written to {file.FullName}: {e.Message}", e);
        }
    }
}
