using System.Text;
using Confluent.Kafka;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Rejection;

/// <summary>A dead letter keeps the key, the headers and the timestamp of its message, and a requeue restores them.</summary>
[Trait("Category", "System")]
public sealed class DeadLetterContentsTests
{
    private static readonly long FirstTimestamp = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();
    private static readonly byte[] Garbage = Encoding.UTF8.GetBytes("""{"sensor_id":301,"timestamp":"x"}""");

    /// <summary>
    /// Keys, and headers with names that repeat, names of a dead letter's own headers, and values that are null or empty.
    /// </summary>
    private static readonly Message<byte[]?, byte[]?>[] Messages =
    [
        Of(null, Garbage),
        Of([], Garbage, ("", [])),
        Of([0xff, 0x00, 0x37], Garbage, ("traceparent", "00-1-2-01"u8.ToArray()), ("device", [0xfe]), ("device", null), ("device", [])),
        Of(
            "301"u8.ToArray(), Garbage, ("reason", null), ("detail", [1]), ("source.topic", [2]), ("source.headers", [3]),
            ("original.size", "9"u8.ToArray())),
        Of("301"u8.ToArray(), Garbage, ("mark", "requeued"u8.ToArray()), ("letter", "0:0"u8.ToArray()), ("source.timestamp", [4])),
    ];

    [Fact]
    public async Task Key_headers_and_timestamp_survive_a_dead_letter_and_its_requeue()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        var clients = new KafkaClients(pipeline.Kafka, NullLogger<KafkaClients>.Instance);
        using var producer = clients.Producer(TimeSpan.FromMilliseconds(5));
        var tombstone = Of("9"u8.ToArray(), null, ("mark", "requeued"u8.ToArray()));
        foreach (var message in Messages.Append(tombstone))
        {
            await producer.ProduceAsync(new TopicPartition(pipeline.Kafka.Topic, 0), message, TestContext.Current.CancellationToken);
        }

        var letters = await UntilLettersAsync(pipeline.Kafka, Messages.Length + 1);

        Assert.All(letters.Zip(Messages), pair =>
        {
            AssertSame(pair.Second, pair.First.Message!.Key, pair.First.Message.Headers, pair.First.Message.Timestamp);
            Assert.Equal("invalid-timestamp", pair.First.Reason);
            Assert.Equal("timestamp must be a number of seconds or milliseconds since 1970; got \"x\"", pair.First.Detail);
            Assert.Null(pair.First.OriginalSize);
        });
        Assert.Equal("tombstone", letters[^1].Reason);
        Requeue(pipeline.Kafka);
        var requeued = await UntilRequeuedAsync(pipeline.Kafka, Messages.Length);
        Assert.All(Messages, expected =>
        {
            var got = Assert.Single(requeued, record => Matches(expected, record.Message));
            var own = got.Message.Headers.TakeLast(2).Select(header => header.Key);
            Assert.Equal(["dead-letter.id", "dead-letter.topic"], own);
            AssertSame(expected, got.Message.Key, [.. got.Message.Headers.SkipLast(2)], got.Message.Timestamp.UnixTimestampMs);
        });
    }

    private static Message<byte[]?, byte[]?> Of(byte[]? key, byte[]? value, params (string Name, byte[]? Value)[] headers)
    {
        var all = new Headers();
        foreach (var (name, bytes) in headers)
        {
            all.Add(name, bytes);
        }

        // A timestamp of its own: it tells the messages apart. Kafka deletes messages whose timestamp is older than the retention.
        var timestamp = new Timestamp(FirstTimestamp + headers.Length, TimestampType.CreateTime);
        return new() { Key = key, Value = value, Headers = all, Timestamp = timestamp };
    }

    private static async Task<List<DeadLetterMessage>> UntilLettersAsync(KafkaOptions kafka, int count)
    {
        using var topic = await DeadLetterTopic.OpenAsync(kafka);
        List<DeadLetterMessage> letters = [];
        await Until.Async(
            () =>
            {
                var read = topic.Read(topic.Index(new(), CancellationToken.None), CancellationToken.None);
                letters = [.. read.Select(record => record.Message).OrderBy(letter => letter.Source!.Offset)];
                return letters.Count >= count;
            },
            () => $"{letters.Count} dead letters",
            TimeSpan.FromSeconds(60));
        return letters;
    }

    private static void Requeue(KafkaOptions kafka)
    {
        var rules = new RejectionRules(
            new(MeasurementSet.Default, new()), new(PipelineCluster.Period, Timeout.InfiniteTimeSpan));
        using var topic = DeadLetterTopic.OpenAsync(kafka).GetAwaiter().GetResult();
        using var requeue = DeadLetterRequeue.Open(topic, rules, new([]), TimeProvider.System, dryRun: false);
        var index = topic.Index(new() { Reasons = new HashSet<string> { "invalid-timestamp" } }, CancellationToken.None);
        Assert.Equal(Messages.Length, requeue.Judge(index, null, CancellationToken.None).Rejected["invalid-timestamp"]);
        Assert.All(
            requeue.Run(index, null, CancellationToken.None),
            done => Assert.Equal((RequeueOutcome.Requeued, RejectReason.InvalidTimestamp), (done.Outcome, done.Rejected)));
    }

    /// <summary>
    /// A transaction is committed before the broker shows it in all partitions, so the messages come some time after the requeue.
    /// </summary>
    private static async Task<List<ConsumeResult<byte[]?, byte[]?>>> UntilRequeuedAsync(KafkaOptions kafka, int count)
    {
        List<ConsumeResult<byte[]?, byte[]?>> requeued = [];
        await Until.Async(
            () => (requeued = Requeued(kafka)).Count >= count,
            () => $"{requeued.Count} of {count} requeued messages",
            TimeSpan.FromSeconds(60));
        Assert.Equal(count, requeued.Count);
        return requeued;
    }

    /// <returns>The messages of the topic that have the header of a requeue.</returns>
    private static List<ConsumeResult<byte[]?, byte[]?>> Requeued(KafkaOptions kafka)
    {
        var config = new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "requeued", EnablePartitionEof = true };
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).Build();
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        for (var partition = 0; partition < 4; partition++)
        {
            consumer.Assign(new TopicPartitionOffset(kafka.Topic, partition, 0));
            while (consumer.Consume(TimeSpan.FromSeconds(20)) is { IsPartitionEOF: false } record)
            {
                records.Add(record);
            }
        }

        consumer.Close();
        return [.. records.Where(record => record.Message.Headers.TryGetLastBytes("dead-letter.id", out _))];
    }

    private static bool Matches(Message<byte[]?, byte[]?> expected, Message<byte[]?, byte[]?> got) =>
        expected.Timestamp.UnixTimestampMs == got.Timestamp.UnixTimestampMs
        && Bytes(expected.Key) == Bytes(got.Key)
        && expected.Headers.Select(header => header.Key).SequenceEqual(got.Headers.SkipLast(2).Select(header => header.Key));

    private static void AssertSame(Message<byte[]?, byte[]?> expected, byte[]? key, IReadOnlyList<IHeader> headers, long? timestamp)
    {
        Assert.Equal(Bytes(expected.Key), Bytes(key));
        Assert.Equal(expected.Timestamp.UnixTimestampMs, timestamp);
        Assert.Equal(
            expected.Headers.Select(header => (header.Key, Bytes(header.GetValueBytes()))),
            headers.Select(header => (header.Key, Bytes(header.GetValueBytes()))));
    }

    private static string Bytes(byte[]? bytes) => bytes is null ? "null" : Convert.ToHexString(bytes);
}
