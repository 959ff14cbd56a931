using System.Runtime.InteropServices;
using GrainSensors.Ingest.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Embedded;

/// <summary>
/// A Kafka broker in this process, on loopback: librdkafka's mock cluster. It speaks the Kafka protocol to any client. It retains at
/// most 5 MiB or 100,000 batches of each partition in memory, until the process exits.
/// </summary>
public sealed partial class EmbeddedBroker : IDisposable
{
    /// <summary>Bytes of a partition above which the broker deletes the oldest messages; a constant of librdkafka.</summary>
    public const long RetentionBytes = 5 * 1024 * 1024;

    private const int Producer = 0;

    /// <summary>Members that join together share one rebalance. The default of 3 s delays a start.</summary>
    private const int InitialRebalanceDelayMs = 100;

    private readonly nint _client;
    private readonly nint _cluster;
    private bool _disposed;

    static EmbeddedBroker() => KafkaNativeLibrary.UseIn(typeof(EmbeddedBroker).Assembly);

    /// <param name="partitions">The number of partitions of each topic.</param>
    /// <exception cref="InvalidOperationException">librdkafka could not start it.</exception>
    public EmbeddedBroker(IEnumerable<string> topics, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var error = Marshal.AllocHGlobal(512);
        try
        {
            // The mock cluster needs a client, which would log that it has no broker.
            var configuration = Native.NewConfiguration();
            _ = Native.Set(configuration, "log_level", "3", error, 512);
            _client = Native.New(Producer, configuration, error, 512);
            if (_client == 0)
            {
                throw new InvalidOperationException($"The embedded broker did not start: {Marshal.PtrToStringUTF8(error)}");
            }
        }
        finally
        {
            Marshal.FreeHGlobal(error);
        }

        _cluster = Native.NewCluster(_client, 1);
        if (_cluster == 0)
        {
            Native.Destroy(_client);
            throw new InvalidOperationException("The embedded broker did not start: it could not open a port on loopback.");
        }

        Native.SetInitialRebalanceDelay(_cluster, InitialRebalanceDelayMs);
        BootstrapServers = Marshal.PtrToStringUTF8(Native.Bootstraps(_cluster))!;
        CreateTopic($"{TopicIdentity.EmbeddedPrefix}{Guid.NewGuid():N}", 1);
        foreach (var topic in topics)
        {
            CreateTopic(topic, partitions);
        }
    }

    /// <summary><c>127.0.0.1:port</c>, for clients in all processes of the machine.</summary>
    public string BootstrapServers { get; }

    /// <summary>Refuses or accepts connections, to simulate an outage in tests.</summary>
    public void SetDown(bool down) => _ = down ? Native.SetDown(_cluster, 1) : Native.SetUp(_cluster, 1);

    /// <summary>Delays every response, to simulate a distant broker in tests.</summary>
    public void SetRoundTrip(TimeSpan time) => _ = Native.SetRoundTrip(_cluster, 1, (int)time.TotalMilliseconds);

    /// <summary>Delays the response to the next request of a type, in tests. Each call delays one more request.</summary>
    /// <param name="api">The API key of the request in the Kafka protocol.</param>
    public void DelayNext(short api, TimeSpan time) => _ = Native.PushDelay(_cluster, 1, api, 1, 0, (int)time.TotalMilliseconds);

    /// <summary>Answers the next requests of a type with an error, in tests.</summary>
    /// <param name="api">The API key of the request in the Kafka protocol.</param>
    /// <param name="error">The error code in the Kafka protocol.</param>
    public void FailNext(short api, int error, int count) =>
        Native.PushErrors(_cluster, api, (nuint)count, [.. Enumerable.Repeat(error, count)]);

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Native.DestroyCluster(_cluster);
            Native.Destroy(_client);
        }
    }

    private void CreateTopic(string topic, int partitions)
    {
        if (Native.CreateTopic(_cluster, topic, partitions, 1) is var error and not 0)
        {
            throw new InvalidOperationException($"The embedded broker could not create the topic \"{topic}\" (error {error}).");
        }
    }

    private static partial class Native
    {
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_new")]
        public static partial nint NewConfiguration();

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Set(nint configuration, string name, string value, nint error, nuint errorSize);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_new")]
        public static partial nint New(int type, nint configuration, nint error, nuint errorSize);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_destroy")]
        public static partial void Destroy(nint client);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_new")]
        public static partial nint NewCluster(nint client, int brokers);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_destroy")]
        public static partial void DestroyCluster(nint cluster);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
        public static partial nint Bootstraps(nint cluster);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
        public static partial void SetInitialRebalanceDelay(nint cluster, int milliseconds);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
        public static partial int SetRoundTrip(nint cluster, int broker, int milliseconds);

        // The C function has variable arguments. All calling conventions of Linux pass this many like fixed arguments.
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_broker_push_request_error_rtts")]
        public static partial int PushDelay(nint cluster, int broker, short api, nuint count, int error, int milliseconds);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
        public static partial void PushErrors(nint cluster, short api, nuint count, int[] errors);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
        public static partial int SetDown(nint cluster, int broker);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
        public static partial int SetUp(nint cluster, int broker);
    }
}
