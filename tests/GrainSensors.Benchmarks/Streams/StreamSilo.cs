using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka;
using Orleans.Streaming.Kafka.Internals;
using Orleans.Streams;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>
/// A silo in this process whose grains count the messages of a topic. The broker and its feeder are processes of their own.
/// </summary>
internal sealed class StreamSilo : IAsyncDisposable
{
    private const string Provider = "Kafka";
    private const int Partitions = 4;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly ReadingTopic _topic;
    private readonly IHost _host;
    private readonly DeliveryCounts _counts;

    private StreamSilo(ReadingTopic topic, IHost host)
    {
        _topic = topic;
        _host = host;
        _counts = host.Services.GetRequiredService<DeliveryCounts>();
    }

    /// <param name="isSimple">With SimpleQueueCache in place of the provider's own cache.</param>
    public static async Task<StreamSilo> StartAsync(bool isSimple, CancellationToken cancellationToken)
    {
        var topic = await ReadingTopic.CreateAsync(null, Partitions, cancellationToken);
        var (siloPort, gatewayPort) = FreePorts();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services.AddSingleton(new DeliveryCounts(Partitions));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.AddKafkaStreams(Provider, streams => streams.ConfigureKafka(options =>
            {
                options.BootstrapServers = topic.BootstrapServers;
                options.CreateTopics = false;
                options.FailurePolicy = KafkaFailurePolicy.StopPartition;
                options.StartPosition = KafkaStartPosition.Earliest;
                options.Topics.Add(new() { Name = topic.Name, Namespace = CountingGrain.Namespace, Format = "bytes" });
            }));
            if (isSimple)
            {
                silo.Services.AddKeyedSingleton<IQueueAdapterFactory>(Provider, (services, _) => new SimpleCacheFactory(
                    KafkaAdapterFactory.CreateForSilo(services, Provider), Provider, services.GetRequiredService<ILoggerFactory>()));
            }
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new(topic, host);
    }

    /// <summary>Has messages sent to each stream in turn, as fast as they are taken, and waits for their delivery.</summary>
    /// <param name="longest">Then it ends, with what was delivered until then.</param>
    public async Task<DeliveryFigures> MeasureAsync(int streams, int messages, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var log = BatchFile.Create(new BatchSequence(streams, 0, Partitions).Take(messages), _ => { }, cancellationToken);
        await using var feeder = await FeederProcess.OfAsync(_topic, log);
        var before = _counts.Look();
        await feeder.BeginAsync();
        var (cpu, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        var watch = Stopwatch.StartNew();
        var delivered = 0L;
        using var timer = new PeriodicTimer(LookInterval);
        while (delivered < messages && watch.Elapsed < longest)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var positions = _counts.Look()
                .Select((count, partition) => (Partition: partition, Position: count - before[partition])).ToList();

            // What is delivered the embedded broker may forget.
            await feeder.TellAsync(positions);
            delivered = positions.Sum(partition => partition.Position);
        }

        var elapsed = watch.Elapsed;
        return new(
            delivered / elapsed.TotalSeconds,
            (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / delivered,
            (double)(GC.GetTotalAllocatedBytes() - allocated) / delivered);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _topic.DisposeAsync();
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
