using System.Runtime.InteropServices;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Embedded;

/// <summary>
/// A Kafka broker inside this process, on loopback: librdkafka's own mock cluster. It speaks the real protocol to
/// any client, keeps at most 5 MiB or 100,000 batches a partition in memory, and forgets everything at exit.
/// </summary>
public sealed partial class EmbeddedBroker : IDisposable
{
    /// <summary>What a partition holds before the oldest is dropped; fixed in librdkafka.</summary>
    public const long RetentionBytes = 5 * 1024 * 1024;

    private const string IdentityPrefix = "__grainsensors.broker.";
    private const int Producer = 0;

    /// <summary>Members that come at the same time should share one rebalance; the default of 3 s makes a start slow.</summary>
    private const int InitialRebalanceDelayMs = 100;

    private readonly nint _client;
    private readonly nint _cluster;
    private bool _disposed;

    static EmbeddedBroker() => KafkaLibrary.Load();

    /// <param name="partitions">For each of the topics.</param>
    /// <exception cref="InvalidOperationException">librdkafka could not start it.</exception>
    public EmbeddedBroker(IEnumerable<string> topics, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var error = Marshal.AllocHGlobal(512);
        try
        {
            // The client behind the broker connects to nobody, and would say so.
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
            throw new InvalidOperationException("The embedded broker did not start: no port could be opened on loopback.");
        }

        Native.SetInitialRebalanceDelay(_cluster, InitialRebalanceDelayMs);
        BootstrapServers = Marshal.PtrToStringUTF8(Native.Bootstraps(_cluster))!;
        CreateTopic($"{IdentityPrefix}{Guid.NewGuid():N}", 1);
        foreach (var topic in topics)
        {
            CreateTopic(topic, partitions);
        }
    }

    /// <summary><c>127.0.0.1:port</c>, for clients in any process of this machine.</summary>
    public string BootstrapServers { get; }

    public static bool IsIdentity(string topic) => topic.StartsWith(IdentityPrefix, StringComparison.Ordinal);

    /// <summary>Refuses connections, or accepts them again: an outage, for tests.</summary>
    public void SetDown(bool down) => _ = down ? Native.SetDown(_cluster, 1) : Native.SetUp(_cluster, 1);

    /// <summary>Answers every request so much later: a broker far away, for tests.</summary>
    public void SetRoundTrip(TimeSpan time) => _ = Native.SetRoundTrip(_cluster, 1, (int)time.TotalMilliseconds);

    /// <summary>Answers the next request of a kind so much later, for tests; again for the one after it.</summary>
    /// <param name="api">The key of the request in the Kafka protocol.</param>
    public void DelayNext(short api, TimeSpan time) => _ = Native.PushDelay(_cluster, 1, api, 1, 0, (int)time.TotalMilliseconds);

    /// <summary>Answers the next requests of a kind with an error, for tests.</summary>
    /// <param name="api">The key of the request in the Kafka protocol.</param>
    /// <param name="error">The code of the error in the Kafka protocol.</param>
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
        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_conf_new")]
        public static partial nint NewConfiguration();

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Set(nint configuration, string name, string value, nint error, nuint errorSize);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_new")]
        public static partial nint New(int type, nint configuration, nint error, nuint errorSize);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_destroy")]
        public static partial void Destroy(nint client);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_new")]
        public static partial nint NewCluster(nint client, int brokers);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_destroy")]
        public static partial void DestroyCluster(nint cluster);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
        public static partial nint Bootstraps(nint cluster);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
        public static partial void SetInitialRebalanceDelay(nint cluster, int milliseconds);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
        public static partial int SetRoundTrip(nint cluster, int broker, int milliseconds);

        // Variable arguments in C; as many as this are passed like fixed ones by every calling convention of Linux.
        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_broker_push_request_error_rtts")]
        public static partial int PushDelay(nint cluster, int broker, short api, nuint count, int error, int milliseconds);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
        public static partial void PushErrors(nint cluster, short api, nuint count, int[] errors);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
        public static partial int SetDown(nint cluster, int broker);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
        public static partial int SetUp(nint cluster, int broker);
    }
}
