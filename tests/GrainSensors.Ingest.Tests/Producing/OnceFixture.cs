using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.Producing;

/// <summary>Silos that take requests with an Idempotency-Key, with one store and a real broker.</summary>
internal sealed class OnceFixture : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _folder = new();
    private readonly ConcurrentBag<IDisposable> _silos = [];

    private OnceFixture(TestKafka kafka)
    {
        Kafka = kafka;
        Store = new(_folder.File("windows.db"), clock: Clock);
    }

    public TestKafka Kafka { get; }

    /// <summary>The clock of the store.</summary>
    public SteppingClock Clock { get; } = new(DateTimeOffset.UtcNow);

    public SqliteWindowStore Store { get; }

    public KafkaClients Clients => new(Kafka.Options, NullLogger<KafkaClients>.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<OnceFixture> StartAsync()
    {
        Assert.SkipUnless(RealKafka.IsGiven, "Needs a real broker, which has transactions: set KAFKA_HOME to an installation.");
        var fixture = new OnceFixture(await TestKafka.StartAsync(partitions: 3));
        await fixture.Store.PrepareAsync(Stop);
        return fixture;
    }

    /// <param name="keys">Null: those of the store.</param>
    public KeyedIngest NewSilo(IIdempotencyKeys? keys = null)
    {
        var deliveries = new DeliveryTracker(Clients, TimeProvider.System);
        var silo = new KeyedIngest(Clients, deliveries, keys ?? Store.IdempotencyKeys, Clock);
        _silos.Add(silo);
        _silos.Add(deliveries);
        return silo;
    }

    /// <summary>A request with readings of several sensors, and so of several partitions.</summary>
    /// <param name="each">Runs before each message is produced, and after the last one.</param>
    public KeyedBatch Batch(string name, int readings = 5, Action<int>? each = null) => new(
        $"{{\"accepted\":{readings}}}", () => MessagesOf(name, readings, each), () => throw new NotSupportedException(), _ => false);

    public static IEnumerable<string> ValuesOf(string name, int readings = 5) => Enumerable.Range(0, readings).Select(i => $"{name}/{i}");

    /// <returns>What consumers see, sorted.</returns>
    public async Task<IReadOnlyList<string>> ReadAsync()
    {
        using var consumer = Clients.DeadLetterReader();
        var ends = Enumerable.Range(0, 3).ToDictionary(
            partition => partition,
            partition => consumer.QueryWatermarkOffsets(new(Kafka.Options.Topic, partition), Deadline).High.Value);
        consumer.Assign(ends.Keys.Select(partition => new TopicPartitionOffset(Kafka.Options.Topic, partition, Offset.Beginning)));
        var values = new List<string>();
        await Task.Run(() =>
        {
            while (ends.Count > 0)
            {
                var result = consumer.Consume(Deadline) ?? throw new TimeoutException($"Partitions {string.Join(' ', ends)} do not end.");
                if (!result.IsPartitionEOF)
                {
                    values.Add(Encoding.UTF8.GetString(result.Message.Value!));
                }
                else if (result.Offset >= ends.GetValueOrDefault(result.Partition.Value))
                {
                    ends.Remove(result.Partition.Value);
                }
            }
        });
        return [.. values.Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            silo.Dispose();
        }

        await Store.DisposeAsync();
        await Kafka.DisposeAsync();
        _folder.Dispose();
    }

    private IEnumerable<IngestMessage> MessagesOf(string name, int readings, Action<int>? each)
    {
        var sent = 0;
        foreach (var value in ValuesOf(name, readings))
        {
            each?.Invoke(sent++);
            yield return new(Kafka.Options.Topic, Encoding.UTF8.GetBytes($"{sent}"), Encoding.UTF8.GetBytes(value), []);
        }

        each?.Invoke(sent);
    }
}
