using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Status;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Sources;

/// <summary>Payloads of other forms than the contract's, from topics of their own to the rows.</summary>
[Trait("Category", "System")]
public sealed class SourceReadingTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * Second);
    private readonly string _topic = $"gateways-{Guid.NewGuid():N}";
    private readonly Dictionary<(string Sensor, long Start), RunningStatistics> _expected = [];
    private readonly ConcurrentDictionary<int, long> _lastOffsets = new();
    private readonly Random _random = new(28);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A gateway that sends several readings of several sensors in a message, each sensor twice.</summary>
    private SourceOptions Gateways => new()
    {
        Name = "gateways",
        Topics = [_topic],
        Mapping = new()
        {
            Readings = "/data/*",
            Sensor = "{/gateway}-{/data/*/probe}",
            Time = "/data/*/t",
            Values = new Dictionary<string, string> { ["temperature"] = "/data/*/temp" },
        },
    };

    [Fact]
    public async Task When_a_silo_is_killed_each_reading_of_messages_with_many_is_in_its_window_once()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2, sources: [Gateways]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Produce(producer, from: 0, count: 150);
        await UntilDurableAsync(pipeline, producer);

        Produce(producer, from: 150, count: 100);
        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[1], Stop);
        Produce(producer, from: 250, count: 100);
        await UntilDurableAsync(pipeline, producer);
        await Task.WhenAll(pipeline.Ingests.Select(ingest => ingest.CloseAllAsync())).WaitAsync(TimeSpan.FromSeconds(60), Stop);

        await AssertExactAsync(pipeline);
    }

    [Fact]
    public async Task Of_a_message_with_bad_readings_the_good_ones_count_and_the_letter_says_which_do_not()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources: [Gateways]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Send(producer, """
            {"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":20},{"probe":"b","t":1700000000,"temp":"hot"},
            {"probe":"c","t":1700000000,"temp":1e9},{"probe":"a","t":1700000001,"temp":22},{"probe":"d","t":"soon","temp":1}]}
            """);
        Send(producer, "no JSON");
        await UntilDurableAsync(pipeline, producer);

        var row = Assert.Single((await pipeline.RowsAsync()).Values);
        Assert.Equal((2L, 21.0), (row.Statistics.Count, row.Statistics.Mean));
        var topic = await DeadLetterTopic.OpenAsync(pipeline.Kafka);
        var letters = topic.Read(topic.Index(new(), Stop), Stop).Select(record => record.Message).ToList();
        Assert.Equal(
            [("invalid-value", "1,2,4"), ("malformed", null)],
            letters.Select(letter => (letter.Reason, letter.Parts)).OrderBy(letter => letter.Reason));
        Assert.StartsWith("reading 1: ", letters.Single(letter => letter.Parts is not null).Detail, StringComparison.Ordinal);
        Assert.All(letters, letter => Assert.Equal(_topic, letter.Source!.Topic));
    }

    /// <summary>The names of two sensors are beyond the limit. Another program gives them numbers, and the message is requeued.</summary>
    [Fact]
    public async Task A_requeued_message_brings_the_readings_that_were_rejected_and_no_others()
    {
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1, stores: new() { Names = new() { Max = 1 } }, sources: [Gateways]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Send(producer, """{"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":20}]}""");
        await UntilDurableAsync(pipeline, producer);
        Send(producer, """
            {"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":20},{"probe":"b","t":1700000000,"temp":21},
            {"probe":"a","t":1700000001,"temp":22},{"probe":"c","t":1700000001,"temp":23},{"probe":"a","t":1700000002,"temp":"hot"}]}
            """);
        await UntilDurableAsync(pipeline, producer);
        var topic = await DeadLetterTopic.OpenAsync(pipeline.Kafka);
        var letter = Assert.Single(topic.Read(topic.Index(new(), Stop), Stop)).Message;
        Assert.Equal(("invalid-value", "4,1,3"), (letter.Reason, letter.Parts));

        await pipeline.AddNameAsync("g-b", -7);
        await pipeline.AddNameAsync("g-c", -8);
        var restored = new RestoredMessages(pipeline.Kafka.DeadLetterTopic, Rules, new([Gateways]), TimeProvider.System).Of(letter);
        Dictionary<WindowKey, WindowRow> rows;
        do
        {
            // A silo that has refused a name does so for some seconds more, and each time all of it becomes a dead letter again.
            producer.Produce(_topic, restored, Delivered);
            await UntilDurableAsync(pipeline, producer);
            rows = await pipeline.RowsAsync();
        }
        while (rows.Count == 1);

        Assert.Equal(
            [("g-a", 3L), ("g-b", 1L), ("g-c", 1L)],
            (await NamedAsync(pipeline, rows)).Select(row => (row.Key.Sensor, row.Value.Count)).Order());
    }

    /// <summary>Gateways count their chunks so, for example.</summary>
    [Fact]
    public async Task A_header_of_another_producer_selects_no_readings()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources: [Gateways]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        producer.Produce(
            _topic,
            new()
            {
                Value = Encoding.UTF8.GetBytes("""{"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":20}]}"""),
                Headers = new() { { "parts", "7"u8.ToArray() } },
            },
            Delivered);
        await UntilDurableAsync(pipeline, producer);
        Assert.Single(await pipeline.RowsAsync());
    }

    [Fact]
    public async Task A_source_that_starts_with_the_latest_message_leaves_older_ones_out()
    {
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1,
            sources: [Gateways with { Start = SourceOptions.Latest }],
            before: cluster =>
            {
                using var early = ProducerOf(cluster);
                Send(early, """{"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":20}]}""");
                early.Flush(Stop);
                return Task.CompletedTask;
            });
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Send(producer, """{"gateway":"g","data":[{"probe":"a","t":1700000000,"temp":30}]}""");
        await UntilDurableAsync(pipeline, producer);

        Assert.Equal(30.0, Assert.Single((await pipeline.RowsAsync()).Values).Statistics.Mean);
    }

    private static RejectionRules Rules { get; } =
        new(new(MeasurementSet.Default, new()), new(PipelineCluster.Period, Timeout.InfiniteTimeSpan));

    private static IProducer<byte[]?, byte[]?> ProducerOf(PipelineCluster pipeline) =>
        new KafkaClients(pipeline.Kafka, NullLogger<KafkaClients>.Instance).Producer(TimeSpan.FromMilliseconds(2));

    private void Send(IProducer<byte[]?, byte[]?> producer, string json) =>
        producer.Produce(_topic, new() { Key = "g"u8.ToArray(), Value = Encoding.UTF8.GetBytes(json) }, Delivered);

    private void Delivered(DeliveryReport<byte[]?, byte[]?> report) =>
        _lastOffsets.AddOrUpdate(report.Partition, report.Offset, (_, known) => Math.Max(known, report.Offset));

    /// <summary>One message a second from each of five gateways, with ten readings of five probes.</summary>
    private void Produce(IProducer<byte[]?, byte[]?> producer, int from, int count)
    {
        for (var second = from; second < from + count; second++)
        {
            for (var gateway = 0; gateway < 5; gateway++)
            {
                var readings = Enumerable.Range(0, 10).Select(i => Next($"g{gateway}", i % 5, Start + (second * Second) + i)).ToList();
                producer.Produce(
                    _topic,
                    new()
                    {
                        Key = Encoding.UTF8.GetBytes($"g{gateway}"),
                        Value = Encoding.UTF8.GetBytes($$"""{"gateway":"g{{gateway}}","data":[{{string.Join(',', readings)}}]}"""),
                    },
                    Delivered);
            }
        }
    }

    private string Next(string gateway, int probe, long at)
    {
        var value = _random.Next(-200, 500) / 8.0;
        var key = ($"{gateway}-{probe}", PipelineCluster.Period.StartOf(at));
        _expected[key] = _expected.GetValueOrDefault(key).Add(value);
        return string.Create(CultureInfo.InvariantCulture, $$"""{"probe":{{probe}},"t":{{at / 1e6:F6}},"temp":{{value}}}""");
    }

    private async Task UntilDurableAsync(PipelineCluster pipeline, IProducer<byte[]?, byte[]?> producer)
    {
        producer.Flush(Stop);
        await Until.Async(
            () => _lastOffsets.All(last => Partitions(pipeline).Any(
                partition => partition.Partition == last.Key && partition.Checkpointed > last.Value)),
            () => $"produced {string.Join(", ", _lastOffsets)}; {string.Join(", ", Partitions(pipeline))}",
            TimeSpan.FromSeconds(60));
    }

    private IEnumerable<PartitionStatus> Partitions(PipelineCluster pipeline) =>
        pipeline.Ingests.SelectMany(ingest => ingest.GetStatus().Partitions).Where(partition => partition.Topic == _topic);

    private async Task AssertExactAsync(PipelineCluster pipeline)
    {
        var stored = await NamedAsync(pipeline, await pipeline.RowsAsync());
        Assert.Equal(_expected.Keys.Order(), stored.Keys.Order());
        foreach (var (key, expected) in _expected)
        {
            Assert.Equal((key, expected.Count, expected.Min, expected.Max), (key, stored[key].Count, stored[key].Min, stored[key].Max));
            Assert.Equal(expected.Mean, stored[key].Mean, 9);
        }
    }

    private static async Task<Dictionary<(string Sensor, long Start), RunningStatistics>> NamedAsync(
        PipelineCluster pipeline, Dictionary<WindowKey, WindowRow> rows)
    {
        var names = await pipeline.Store.Names.NamesAmongAsync(rows.Keys.Select(key => key.SensorId), Stop);
        return rows.ToDictionary(row => ($"{SensorRef.Of(row.Key.SensorId, names)}", row.Key.Start), row => row.Value.Statistics);
    }
}
