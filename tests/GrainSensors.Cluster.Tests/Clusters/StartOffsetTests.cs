using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Every partition is read from where it was left, and from nowhere else.</summary>
[Trait("Category", "System")]
public sealed class StartOffsetTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * Second);

    [Fact]
    public async Task A_slow_answer_about_the_end_of_a_partition_makes_none_jump_there()
    {
        TestKafka.SkipUnlessEmbedded("it delays single answers of the broker");
        const short ListOffsets = 2;
        var readings = new Readings(PipelineCluster.Period, seed: 61);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, before: async pipeline =>
        {
            // Many small fetches of a broker that is not near: the partition is still being read when the answer comes.
            pipeline.Kafka.Client["fetch.message.max.bytes"] = "4096";
            for (var second = 0; second < 30_000; second++)
            {
                await pipeline.Producer.AppendAsync(1, readings.Next(1, Start + (second * Second)));
            }

            await pipeline.Producer.FlushAsync(CancellationToken.None);
            pipeline.Broker.SetRoundTrip(TimeSpan.FromMilliseconds(20));
            for (var partition = 0; partition < 4; partition++)
            {
                pipeline.Broker.DelayNext(ListOffsets, TimeSpan.FromSeconds(1));
            }
        });

        await pipeline.FinishAsync();
        readings.AssertExact(await pipeline.RowsAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_the_log_drops_before_it_is_read_is_counted_and_the_rest_goes_on(int lostStarts)
    {
        TestKafka.SkipUnlessEmbedded("it relies on the broker to drop what is beyond 5 MiB at once");
        const int Count = 1_000;
        var sink = new BrokenSink();
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1, options => options with { BufferCapacity = 64 }, sink, FetchLittleAsync);
        await pipeline.UntilAssignedAsync();
        var config = new ProducerConfig { BootstrapServers = pipeline.Kafka.BootstrapServers };
        using var producer = new ProducerBuilder<Null, byte[]>(config).Build();
        Produce("no reading");
        await Until.Async(
            () => pipeline.Ingests.Single().GetStatus().Partitions.Any(partition => partition.Trouble is not null),
            () => Describe(pipeline),
            TimeSpan.FromSeconds(30));

        // 10 KB each: twice as much as a partition of the embedded broker holds.
        for (var i = 0; i < Count; i++)
        {
            Produce($"{{\"sensor_id\":1,\"timestamp\":{(Start / Second) + i},\"temperature\":20,\"note\":\"{new string('x', 10_000)}\"}}");
        }

        producer.Flush(TestContext.Current.CancellationToken);
        pipeline.Shared.LostStarts = lostStarts;
        sink.IsMended = true;

        await Until.Async(
            () => pipeline.Ingests.Single().GetStatus() is { Totals.Missed: > 0 } status
                && status.Totals.Readings + status.Totals.Missed >= Count,
            () => Describe(pipeline),
            TimeSpan.FromSeconds(30));
        await pipeline.Ingests.Single().CloseAllAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var totals = pipeline.Ingests.Single().GetStatus().Totals;
        Assert.Equal(Count, totals.Readings + totals.Missed);
        Assert.Equal(totals.Readings, (await pipeline.RowsAsync()).Values.Sum(row => row.Statistics.Count));

        void Produce(string payload) =>
            producer.Produce(new TopicPartition("sensor-data", 0), new() { Value = Encoding.UTF8.GetBytes(payload) });
    }

    [Fact]
    public async Task What_was_missed_is_counted_once_although_the_next_owner_starts_from_the_same_checkpoint()
    {
        TestKafka.SkipUnlessEmbedded("it relies on the broker to drop what is beyond 5 MiB at once");
        var sink = new BrokenSink();
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 2, options => options with { BufferCapacity = 64 }, sink, FetchLittleAsync);
        await pipeline.UntilAssignedAsync();
        var config = new ProducerConfig { BootstrapServers = pipeline.Kafka.BootstrapServers };
        using var producer = new ProducerBuilder<Null, byte[]>(config).Build();
        Produce("no reading");
        await Until.Async(
            () => pipeline.Ingests.Any(ingest => ingest.GetStatus().Partitions.Any(partition => partition.Trouble is not null)),
            () => Describe(pipeline),
            TimeSpan.FromSeconds(30));
        for (var i = 0; i < 1_000; i++)
        {
            Produce(new string('x', 10_000));
        }

        producer.Flush(TestContext.Current.CancellationToken);

        // The partition keeps some 500 of the letters. The client has fetched a few of the others before they were dropped.
        sink.AcceptsBelow = 400;
        await Until.Async(
            () => pipeline.Ingests.Any(ingest => ingest.GetStatus().Totals.Missed > 0), () => Describe(pipeline), TimeSpan.FromSeconds(30));

        // The rest of the dead letters holds back every checkpoint.
        var owner = pipeline.Ingests.Select((ingest, index) => (ingest, index)).First(at => at.ingest.GetStatus().Totals.Missed > 0).index;
        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[owner], TestContext.Current.CancellationToken);
        await Until.Async(
            () => pipeline.Ingests.Single().GetStatus().Partitions.Any(partition => partition is { Partition: 0, Trouble: not null }),
            () => Describe(pipeline),
            TimeSpan.FromSeconds(60));
        Assert.Equal(0, pipeline.Ingests.Single().GetStatus().Totals.Missed);

        void Produce(string payload) =>
            producer.Produce(new TopicPartition("sensor-data", 0), new() { Value = Encoding.UTF8.GetBytes(payload) });
    }

    /// <summary>The client must not keep pace with the producer, or the broker drops nothing that is not fetched.</summary>
    private static Task FetchLittleAsync(PipelineCluster pipeline)
    {
        pipeline.Kafka.Client["fetch.message.max.bytes"] = "65536";
        pipeline.Kafka.Client["queued.max.messages.kbytes"] = "64";
        return Task.CompletedTask;
    }

    private static string Describe(PipelineCluster pipeline) => string.Join(
        " | ", pipeline.Ingests.Select(ingest => ingest.GetStatus()).Select(status => $"{status}: {string.Join(", ", status.Partitions)}"));

    /// <summary>Takes no letter until it is mended, but those below an offset; the loop then takes nothing from the log either.</summary>
    private sealed class BrokenSink : SingleDeadLetters
    {
        public bool IsMended { get; set; }

        public long AcceptsBelow { get; set; }

        protected override Task WriteAsync(DeadLetter letter) =>
            IsMended || letter.Offset < AcceptsBelow
                ? Task.CompletedTask
                : Task.FromException(new IOException("the dead-letter topic is out of reach"));
    }
}
