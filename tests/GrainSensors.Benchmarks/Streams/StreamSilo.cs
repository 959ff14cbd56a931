using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka;
using Orleans.Streaming.Kafka.Internals;
using Orleans.Streams;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>A silo whose grains count the messages of a topic, and the broker of the topic.</summary>
internal sealed class StreamSilo : IAsyncDisposable
{
    private const string Provider = "Kafka";
    private const int Partitions = 4;
    private const int MostAhead = 150_000;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] Reading = """{"sensor_id":12345,"timestamp":1732400000,"temperature":21.5,"humidity":60}"""u8.ToArray();

    private readonly EmbeddedBroker _broker;
    private readonly IHost _host;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly DeliveryCount _count;

    private StreamSilo(EmbeddedBroker broker, IHost host)
    {
        _broker = broker;
        _host = host;
        _count = host.Services.GetRequiredService<DeliveryCount>();
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            Partitioner = Partitioner.Murmur2,
            LingerMs = 5,
            BatchSize = 256 * 1024,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 1_000_000,
        }).Build();
    }

    /// <param name="isSimple">With SimpleQueueCache in place of the provider's own cache.</param>
    public static async Task<StreamSilo> StartAsync(bool isSimple)
    {
        var broker = new EmbeddedBroker([CountingGrain.Namespace], Partitions);
        var (siloPort, gatewayPort) = FreePorts();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services.AddSingleton<DeliveryCount>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.AddKafkaStreams(Provider, streams => streams.ConfigureKafka(options =>
            {
                options.BootstrapServers = broker.BootstrapServers;
                options.CreateTopics = false;
                options.FailurePolicy = KafkaFailurePolicy.StopPartition;
                options.StartPosition = KafkaStartPosition.Earliest;
                options.Topics.Add(new() { Name = CountingGrain.Namespace, Namespace = CountingGrain.Namespace, Format = "bytes" });
            }));
            if (isSimple)
            {
                silo.Services.AddKeyedSingleton<IQueueAdapterFactory>(Provider, (services, _) => new SimpleCacheFactory(
                    KafkaAdapterFactory.Create(services, Provider), Provider, services.GetRequiredService<ILoggerFactory>()));
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return new(broker, host);
    }

    /// <summary>Sends messages to each stream in turn, as fast as they are taken, and waits for their delivery.</summary>
    /// <param name="longest">Then it ends, with what was delivered until then.</param>
    /// <returns>Deliveries a second.</returns>
    public async Task<double> MeasureAsync(int streams, int messages, TimeSpan longest, CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, streams).Select(key => Encoding.UTF8.GetBytes(key.ToString(CultureInfo.InvariantCulture))).ToArray();
        var start = _count.Value;
        var isOver = false;
        var watch = Stopwatch.StartNew();
        var production = Task.Run(
            () =>
            {
                for (var i = 0; i < messages && !Volatile.Read(ref isOver); i++)
                {
                    // The embedded broker forgets what is not read in time. The pause paces the producer, nothing is expected after it.
                    while (i - (_count.Value - start) > MostAhead && !Volatile.Read(ref isOver))
                    {
                        Thread.Sleep(1);
                    }

                    _producer.Produce(CountingGrain.Namespace, new() { Key = keys[i % streams], Value = Reading });
                }
            },
            cancellationToken);
        using var timer = new PeriodicTimer(SampleInterval);
        while (_count.Value - start < messages && watch.Elapsed < longest)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        var rate = (_count.Value - start) / watch.Elapsed.TotalSeconds;
        Volatile.Write(ref isOver, true);
        await production;
        return rate;
    }

    public async ValueTask DisposeAsync()
    {
        _producer.Dispose();
        await _host.StopAsync();
        _host.Dispose();
        _broker.Dispose();
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
