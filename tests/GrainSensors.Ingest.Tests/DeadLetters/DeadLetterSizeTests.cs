using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>What Kafka refuses for its size is kept in part rather than not at all.</summary>
[Trait("Category", "System")]
public sealed class DeadLetterSizeTests
{
    private const int Limit = 200_000;
    private const int Kept = 64 * 1024;

    [Theory]
    [InlineData(150_000, 150_000)]
    [InlineData(300_000, Kept)]
    public async Task A_letter_beyond_the_limit_goes_truncated_and_says_how_long_it_was(int size, int expected)
    {
        await using var kafka = await TestKafka.StartAsync(partitions: 1);
        kafka.Options.Client["message.max.bytes"] = $"{Limit}";
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes); // of which no compression makes less
        using var sink = new KafkaDeadLetters(new(kafka.Options, NullLogger<KafkaClients>.Instance));

        Assert.Null(await sink.WriteAsync(
            [new("sensor-data", 3, 17, RejectReason.TooLarge, "too large", bytes, MessageAttributes.None)],
            TestContext.Current.CancellationToken));

        var letter = Read(kafka.Options);
        Assert.Equal(bytes[..expected], letter.Value);
        Assert.Equal("too-large", Header(letter, "reason"));
        Assert.Equal("17", Header(letter, "source.offset"));
        Assert.Equal(size > expected ? $"{size}" : null, Header(letter, "original.size"));
    }

    [Fact]
    public async Task A_message_whose_headers_leave_no_room_for_those_of_a_dead_letter_goes_without_them()
    {
        await using var kafka = await TestKafka.StartAsync(partitions: 1);
        kafka.Options.Client["message.max.bytes"] = $"{Limit}";
        var header = new byte[Limit - 50];
        new Random(1).NextBytes(header);
        using var sink = new KafkaDeadLetters(new(kafka.Options, NullLogger<KafkaClients>.Instance));

        Assert.Null(await sink.WriteAsync(
            [new("sensor-data", 3, 17, RejectReason.NotJson, "not JSON", [1, 2], new([3], [new Header("h", header)], 4))],
            TestContext.Current.CancellationToken));

        var letter = Read(kafka.Options);
        Assert.Equal([1, 2], letter.Value);
        Assert.Equal("0", Header(letter, "source.headers"));
        Assert.Equal("4", Header(letter, "source.timestamp"));
        Assert.Equal($"{header.Length + 2 + 1 + 1}", Header(letter, "original.size"));
    }

    private static Message<Ignore, byte[]> Read(KafkaOptions kafka)
    {
        var config = new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "letters" };
        using var reader = new ConsumerBuilder<Ignore, byte[]>(config).Build();
        reader.Assign(new TopicPartitionOffset(kafka.DeadLetterTopic, 0, 0));
        return reader.Consume(TimeSpan.FromSeconds(20)).Message;
    }

    private static string? Header(Message<Ignore, byte[]> letter, string name) =>
        letter.Headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : null;
}
