using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Storage.Names;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Readings of sensors that have names, from the log to the rows.</summary>
[Trait("Category", "System")]
public sealed class NamedReadingTests
{
    private const int Sensors = 50;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);
    private readonly Readings _readings = new(PipelineCluster.Period, seed: 27);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A new sensor appears every 8 s, so that names are given before and after the loss, and some again.</summary>
    [Fact]
    public async Task When_a_silo_is_killed_each_reading_is_in_the_window_of_its_name_once()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2);
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, from: 0, count: 200);
        await Until.Async(
            () => pipeline.Ingests.All(ingest => ingest.GetStatus().Partitions.Any(partition => partition.Checkpointed > 0)),
            () => "no checkpoint",
            TimeSpan.FromSeconds(30));

        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[1], Stop);
        await ProduceAsync(pipeline, from: 200, count: 200);
        await pipeline.FinishAsync();

        await AssertExactAsync(pipeline);
    }

    [Fact]
    public async Task What_was_refused_as_one_sensor_too_many_stays_a_dead_letter_when_it_is_read_again()
    {
        var sink = new HeldSink();
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 2, deadLetters: sink, stores: new() { Names = new() { Max = 1 } });
        await pipeline.UntilAssignedAsync();
        await ProduceAsync("boiler");
        await Until.Async(
            async () => (await pipeline.RowsAsync()).Count == 1, () => $"{sink.Letters.Count} dead letters", TimeSpan.FromSeconds(30));
        await ProduceAsync("pump");
        await Until.Async(() => !sink.Letters.IsEmpty, () => "no dead letter", TimeSpan.FromSeconds(30));
        var letter = sink.Letters.First();
        Assert.Equal(RejectReason.TooManySensors, letter.Reason);
        Assert.StartsWith("sensor \"pump\" is new, and a limit of new sensors is reached", letter.Detail, StringComparison.Ordinal);

        // Another program has given the name a number in the meantime.
        await pipeline.AddNameAsync("pump", -7);
        sink.IsHeld = false;
        await pipeline.Cluster.KillSiloAsync(OwnerOf(pipeline, letter.Partition), Stop);
        await ProduceAsync("boiler");
        await pipeline.FinishAsync();

        var row = Assert.Single(await pipeline.RowsAsync()).Value;
        Assert.Equal((2L, "boiler"), (row.Statistics.Count, (await pipeline.Store.Names.NamesOfAsync([row.Key.SensorId], Stop))[0]));
        Assert.Equal(2, sink.Letters.Count);
        Assert.Single(sink.Letters.Select(sent => (sent.Partition, sent.Offset, sent.Reason, sent.Detail)).Distinct());

        async Task ProduceAsync(string name) => await pipeline.Producer.AppendAsync("boiler"u8.ToArray(), Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $$"""{"sensor_id":"{{name}}","timestamp":1700000000,"temperature":20}""")), Stop);
    }

    [Fact]
    public async Task While_the_registration_is_closed_new_sensors_are_unknown_and_others_go_on()
    {
        var sink = new HeldSink { IsHeld = false };
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1,
            deadLetters: sink,
            before: cluster => cluster.AddNameAsync("boiler", -7),
            stores: new() { Names = new() { IsOpen = false } });
        await pipeline.UntilAssignedAsync();
        foreach (var sensor in new[] { "\"pump\"", "\"boiler\"", "7", "\"pump\"" })
        {
            await pipeline.Producer.AppendAsync(
                "boiler"u8.ToArray(),
                Encoding.UTF8.GetBytes($$"""{"sensor_id":{{sensor}},"timestamp":1700000000,"temperature":20}"""),
                Stop);
        }

        await pipeline.FinishAsync();
        Assert.Equal([1L, 1L], (await pipeline.RowsAsync()).Values.Select(row => row.Statistics.Count));
        Assert.Equal([RejectReason.UnknownSensor, RejectReason.UnknownSensor], sink.Letters.Select(letter => letter.Reason));
    }

    /// <summary>A silo that stops meanwhile leaves the readings to the next owner, and does not wait for its drain timeout.</summary>
    [Fact]
    public async Task Until_every_silo_knows_names_their_readings_wait_and_none_is_lost()
    {
        var sink = new HeldSink { IsHeld = false };
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 2, deadLetters: sink, before: cluster =>
            {
                cluster.LaterFormIsKnown = false;
                return cluster.AddNameAsync("Küche 2 🌡", -7); // in memory or not
            });
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, from: 0, count: 100);
        await Until.Async(
            () => pipeline.Ingests.Any(ingest => ingest.GetStatus().Partitions.Any(partition =>
                partition.Trouble?.Contains("named sensors", StringComparison.Ordinal) == true)),
            () => "no partition waits",
            TimeSpan.FromSeconds(30));
        Assert.All(
            pipeline.Ingests.SelectMany(ingest => ingest.GetStatus().Partitions), partition => Assert.Null(partition.StalledSince));
        Assert.DoesNotContain((await pipeline.RowsAsync()).Keys, key => SensorName.IsNumber(key.SensorId));

        var stopped = Stopwatch.StartNew();
        await pipeline.Cluster.StopSiloAsync(pipeline.Cluster.Silos[1], Stop);
        Assert.True(stopped.Elapsed < TimeSpan.FromSeconds(15), $"{stopped.Elapsed}");
        pipeline.LaterFormIsKnown = true;
        await pipeline.FinishAsync();

        await AssertExactAsync(pipeline);
        Assert.Empty(sink.Letters);
    }

    private static Orleans.TestingHost.InProcessSiloHandle OwnerOf(PipelineCluster pipeline, int partition) =>
        pipeline.Cluster.Silos.Single(silo => pipeline.Ingests.ElementAt(pipeline.Cluster.Silos.IndexOf(silo))
            .GetStatus().Partitions.Any(owned => owned.Partition == partition));

    private async Task AssertExactAsync(PipelineCluster pipeline)
    {
        var rows = await pipeline.RowsAsync();
        var names = await pipeline.Store.Names.NamesAmongAsync(rows.Keys.Select(key => key.SensorId), Stop);
        _readings.AssertExact(rows.ToDictionary(
            pair => pair.Key with { SensorId = IndexOf($"{SensorRef.Of(pair.Key.SensorId, names)}") }, pair => pair.Value));
    }

    /// <summary>Names of every kind; every fifth sensor has an id.</summary>
    private static string NameOf(int sensor) => (sensor % 5) switch
    {
        0 => sensor.ToString(CultureInfo.InvariantCulture),
        1 => $"kitchen-{sensor}",
        2 => $"Küche {sensor} 🌡",
        3 => $"00{sensor}",
        _ => (-9_000_000_000L - sensor).ToString(CultureInfo.InvariantCulture),
    };

    private static int IndexOf(string name) => Enumerable.Range(0, Sensors).Single(sensor => NameOf(sensor) == name);

    /// <summary>One reading a second for each sensor that has appeared.</summary>
    private async Task ProduceAsync(PipelineCluster pipeline, int from, int count)
    {
        for (var second = from; second < from + count; second++)
        {
            for (var sensor = 0; sensor < Sensors && sensor * 8 <= second; sensor++)
            {
                var name = NameOf(sensor);
                var json = Encoding.UTF8.GetString(_readings.Next(sensor, Start + (second * EpochTime.MicrosPerSecond)));
                var id = sensor % 5 == 4 ? name : $"\"{name}\"";
                await pipeline.Producer.AppendAsync(
                    Encoding.UTF8.GetBytes(name),
                    Encoding.UTF8.GetBytes(json.Replace($"\"sensor_id\":{sensor},", $"\"sensor_id\":{id},", StringComparison.Ordinal)),
                    Stop);
            }
        }
    }

    /// <summary>Does not write letters while it holds them, so that no checkpoint passes them.</summary>
    private sealed class HeldSink : SingleDeadLetters
    {
        private readonly TaskCompletionSource _never = new();

        public bool IsHeld { get; set; } = true;

        public ConcurrentQueue<DeadLetter> Letters { get; } = new();

        protected override Task WriteAsync(DeadLetter deadLetter)
        {
            Letters.Enqueue(deadLetter);
            return IsHeld ? _never.Task : Task.CompletedTask;
        }
    }
}
