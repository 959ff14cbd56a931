using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>What other applications are told of closed windows.</summary>
[Trait("Category", "System")]
public sealed class WindowTopicTests
{
    private const int Sensors = 10;
    private const int Partitions = 4;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    [Fact]
    public async Task Every_row_is_announced_as_it_is_in_its_last_revision()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 31);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        foreach (var second in Enumerable.Range(0, 300).Concat(Enumerable.Range(0, 30)))
        {
            // Some of them come again, late: readings of their own.
            for (var sensor = 0; sensor < Sensors; sensor++)
            {
                await pipeline.Producer.AppendAsync(
                    sensor,
                    readings.Next(sensor, Start + (second * EpochTime.MicrosPerSecond)),
                    cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        await pipeline.FinishAsync();

        var rows = await pipeline.RowsAsync();
        readings.AssertExact(rows);
        var events = Read(pipeline).ToLookup(e => e.GetProperty("event_id").GetString());
        Assert.All(rows.Values, row =>
        {
            var id = $"{row.Key.SensorId}/{row.Key.Measurement}/{Time(row.Key.Start)}/{Time(row.Key.End)}/{row.Revision}";
            var last = events[id].LastOrDefault();
            Assert.True(last.ValueKind == JsonValueKind.Object, $"There is no event {id}.");
            Assert.Equal(row.Statistics.Count, last.GetProperty("count").GetInt64());
            Assert.Equal(row.Statistics.Mean, last.GetProperty("mean").GetDouble());
            Assert.Equal(row.Statistics.PopulationStandardDeviation, last.GetProperty("stddev").GetDouble());
            Assert.Equal(row.Statistics.Min, last.GetProperty("min").GetDouble());
            Assert.Equal(row.Statistics.Max, last.GetProperty("max").GetDouble());
            Assert.Equal(row.Key.SensorId, last.GetProperty("sensor_id").GetInt32());
        });
        Assert.All(events, same => Assert.Single(same.Select(e => e.GetProperty("count").GetInt64()).Distinct()));
    }

    private static string Time(long micros) =>
        DateTime.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static List<JsonElement> Read(PipelineCluster pipeline)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = pipeline.Kafka.BootstrapServers,
            GroupId = "reads all",
            EnablePartitionEof = true,
            EnableAutoCommit = false,
        }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(pipeline.Kafka.WindowTopic, p, 0)));
        var events = new List<JsonElement>();
        for (var ends = 0; ends < Partitions;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(10)) ?? throw new TimeoutException("The topic has no end.");
            if (result.IsPartitionEOF)
            {
                ends++;
                continue;
            }

            var e = JsonDocument.Parse(result.Message.Value).RootElement;
            Assert.Equal(Encoding.UTF8.GetString(result.Message.Key), $"{e.GetProperty("sensor_id").GetInt32()}");
            events.Add(e);
        }

        return events;
    }
}
