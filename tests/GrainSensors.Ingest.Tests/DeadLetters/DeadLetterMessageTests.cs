using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>What stands in the dead-letter topic of a message.</summary>
[Trait("Category", "System")]
public sealed class DeadLetterMessageTests
{
    [Fact]
    public async Task Bytes_keys_and_headers_of_messages_are_unchanged_also_where_they_are_empty_or_missing()
    {
        await using var kafka = await TestKafka.StartAsync(partitions: 1);
        using var sink = new KafkaDeadLetters(new(kafka.Options, NullLogger<KafkaClients>.Instance));
        var headers = new IHeader[]
        {
            new Header("reason", [1, 2]), new Header("reason", []), new Header("none", null), new Header("größe", [0]),
            new Header(new string('n', 2000), new byte[5000]),
        };
        DeadLetter[] written =
        [
            Letter(1, [0, 255, 10], new(null, [], 5)),
            Letter(2, [], new([], headers, null)),
            Letter(3, null, new([7, 0, 8], headers, 6)),
        ];

        Assert.Null(await sink.WriteAsync(written, TestContext.Current.CancellationToken));

        var read = Read(kafka.Options, written.Length).OrderBy(letter => letter.Source!.Offset).ToList();
        Assert.All(written.Zip(read), pair =>
        {
            var (expected, actual) = pair;
            Assert.Equal((Hex(expected.Bytes), Hex(expected.Message.Key)), (Hex(actual.Bytes), Hex(actual.Message!.Key)));
            Assert.Equal(expected.Message.Timestamp, actual.Message.Timestamp);
            Assert.Equal(
                expected.Message.Headers.Select(header => (header.Key, Hex(header.GetValueBytes()))),
                actual.Message.Headers.Select(header => (header.Key, Hex(header.GetValueBytes()))));
            Assert.Equal(("not-json", "Größe", new("sensor-data", 3, expected.Offset)), (actual.Reason, actual.Detail, actual.Source!));
        });
    }

    [Fact]
    public async Task Letters_beyond_the_queue_of_the_client_wait_for_room()
    {
        const int Letters = 5000;
        await using var kafka = await TestKafka.StartAsync(partitions: 1);
        kafka.Options.Client["queue.buffering.max.messages"] = "100";
        using var sink = new KafkaDeadLetters(new(kafka.Options, NullLogger<KafkaClients>.Instance));

        var written = await Task.WhenAll(Enumerable.Range(0, 2).Select(half => sink.WriteAsync(
            [.. Enumerable.Range(half * Letters / 2, Letters / 2).Select(i => Letter(i, [1], new(null, [], 5)))],
            TestContext.Current.CancellationToken)));

        Assert.All(written, Assert.Null);
        Assert.Equal(
            Enumerable.Range(0, Letters).Select(i => (long)i),
            Read(kafka.Options, Letters).Select(letter => letter.Source!.Offset).Order());
    }

    private static DeadLetter Letter(long offset, byte[]? bytes, Ingest.Kafka.Native.MessageAttributes message) =>
        new("sensor-data", 3, offset, RejectReason.NotJson, "Größe", bytes, message);

    private static string? Hex(byte[]? value) => value is null ? null : Convert.ToHexString(value);

    private static List<DeadLetterMessage> Read(KafkaOptions kafka, int count)
    {
        using var reader = new KafkaClients(kafka, NullLogger<KafkaClients>.Instance).DeadLetterReader();
        reader.Assign(new TopicPartitionOffset(kafka.DeadLetterTopic, 0, 0));
        var letters = new List<DeadLetterMessage>();
        while (letters.Count < count && reader.Consume(TimeSpan.FromSeconds(20)) is { } record)
        {
            if (!record.IsPartitionEOF)
            {
                letters.Add(DeadLetterMessage.From(record));
            }
        }

        return letters;
    }
}
