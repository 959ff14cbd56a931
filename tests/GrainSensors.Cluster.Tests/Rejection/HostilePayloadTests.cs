using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Rejection;

/// <summary>Half of what arrives is hostile: every good reading is in its window, every other message is a dead letter.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class HostilePayloadTests
{
    private const int Messages = 100_000;
    private const int Sensors = 50;

    /// <summary>As many as the embedded broker holds in any case, beside their dead letters.</summary>
    private const int Chunk = 5_000;

    private const long MaxGrowth = 48 * 1024 * 1024;

    private readonly Payloads _payloads = new(seed: 3);
    private readonly Random _random = new(4);
    private readonly Dictionary<WindowKey, RunningStatistics> _expected = [];
    private readonly ConcurrentDictionary<(int Partition, long Offset), Letter> _hostile = new();
    private readonly ConcurrentDictionary<int, long> _lastOffsets = new();
    private readonly Dictionary<(int Partition, long Offset), Letter> _letters = [];

    [Fact]
    public async Task Every_good_reading_is_in_its_window_and_every_other_message_a_dead_letter_with_its_reason()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        var ingest = pipeline.Ingests.Single();
        var clients = new KafkaClients(pipeline.Kafka, NullLogger<KafkaClients>.Instance);
        using var producer = clients.Producer(TimeSpan.FromMilliseconds(5));
        var config = new ConsumerConfig
        {
            BootstrapServers = pipeline.Kafka.BootstrapServers,
            GroupId = "letters",
            EnableAutoCommit = false,
        };
        using var reader = new ConsumerBuilder<Ignore, byte[]?>(config).Build();
        reader.Assign(Enumerable.Range(0, 4).Select(partition => new TopicPartitionOffset(pipeline.Kafka.DeadLetterTopic, partition, 0)));

        var heapAtHalf = 0L;
        for (var sent = 0; sent < Messages; sent += Chunk)
        {
            for (var i = 0; i < Chunk; i++)
            {
                Produce(producer, pipeline.Kafka.Topic);
            }

            producer.Flush(TestContext.Current.CancellationToken);
            await Until.Async(
                () => ingest.GetStatus().HasCheckpointed(_lastOffsets),
                () => ingest.GetStatus().ToString(),
                TimeSpan.FromSeconds(60));
            ReadLetters(reader, pipeline.Kafka.Topic);
            if (sent == Messages / 2)
            {
                heapAtHalf = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        // What the test itself remembers of half of the messages is the greater part of the growth.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - heapAtHalf, long.MinValue, MaxGrowth);
        await ingest.CloseAllAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        AssertWindows(await pipeline.RowsAsync());
        AssertLetters();
        Assert.Equal(
            _hostile.Values.GroupBy(letter => letter.Reason).ToDictionary(g => g.Key, g => (long)g.Count()),
            ingest.GetStatus().Totals.Rejects.ByReason);
    }

    private void Produce(IProducer<byte[]?, byte[]?> producer, string topic)
    {
        byte[]? value;
        string? reason = null;
        if (_random.Next(2) == 0)
        {
            var sensor = _random.Next(Sensors);
            value = _payloads.Good(sensor, out var timestamp, out var temperature);
            var start = PipelineCluster.Period.StartOf(timestamp);
            var key = new WindowKey(sensor, "temperature", PipelineCluster.Period, start);
            _expected[key] = _expected.GetValueOrDefault(key).Add(temperature);
        }
        else
        {
            value = _payloads.Hostile(out var why);
            reason = why.ToToken();
        }

        producer.Produce(topic, new() { Value = value }, report =>
        {
            _lastOffsets[report.Partition] = report.Offset;
            if (reason is not null)
            {
                _hostile[(report.Partition, report.Offset)] = new(reason, value);
            }
        });
    }

    /// <summary>Every letter was durable before the checkpoint passed its message, so all of them can be read now.</summary>
    private void ReadLetters(IConsumer<Ignore, byte[]?> reader, string topic)
    {
        while (_letters.Count < _hostile.Count && reader.Consume(TimeSpan.FromSeconds(10)) is { } result)
        {
            string Header(string name) => Encoding.UTF8.GetString(result.Message.Headers.GetLastBytes(name));
            var source = (int.Parse(Header("source.partition"), null), long.Parse(Header("source.offset"), null));
            Assert.Equal(topic, Header("source.topic"));
            Assert.True(_letters.TryAdd(source, new(Header("reason"), result.Message.Value)), $"{source} has two letters");
        }
    }

    private void AssertWindows(Dictionary<WindowKey, WindowRow> rows)
    {
        Assert.Equal(_expected.Keys.Select(key => key.ToString()).Order(), rows.Keys.Select(key => key.ToString()).Order());
        Assert.All(_expected, pair =>
        {
            var got = rows[pair.Key].Statistics;
            Assert.Equal((pair.Value.Count, pair.Value.Min, pair.Value.Max), (got.Count, got.Min, got.Max));
        });
    }

    private void AssertLetters()
    {
        Assert.Equal(_hostile.Count, _letters.Count);
        Assert.All(_hostile, pair =>
        {
            var letter = _letters[pair.Key];
            Assert.True(
                pair.Value.Reason == letter.Reason,
                $"{letter.Reason}, not {pair.Value.Reason}: {Encoding.UTF8.GetString(pair.Value.Bytes ?? [])}");
            Assert.Equal(pair.Value.Bytes, letter.Bytes);
        });
    }

    private sealed record Letter(string Reason, byte[]? Bytes);
}
