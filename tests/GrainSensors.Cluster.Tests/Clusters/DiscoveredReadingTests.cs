using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Readings of a fleet of many kinds of devices, from the log to the rows. No measurement but two is declared.</summary>
[Trait("Category", "System")]
public sealed class DiscoveredReadingTests
{
    private const int Sensors = 40;
    private const int Measurements = 60;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);
    private readonly Dictionary<WindowKey, List<double>> _expected = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>New kinds of devices appear all the time, also while there is one silo, and after the other one is gone.</summary>
    [Fact]
    public async Task When_a_silo_is_killed_each_value_is_in_the_window_of_its_measurement_once()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2, discovery: new());
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, from: 0, count: 200);
        await Until.Async(
            () => pipeline.Ingests.All(ingest => ingest.GetStatus().Partitions.Any(partition => partition.Checkpointed > 0)),
            () => "no checkpoint",
            TimeSpan.FromSeconds(30));

        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[1], Stop);
        await ProduceAsync(pipeline, from: 200, count: 200);
        await pipeline.FinishAsync();

        var rows = await pipeline.RowsAsync();
        Assert.Equal(_expected.Keys.ToHashSet(), rows.Keys.ToHashSet());
        Assert.All(_expected, row =>
        {
            var got = rows[row.Key].Statistics;
            Assert.Equal((row.Value.Count, row.Value.Min(), row.Value.Max()), (got.Count, got.Min, got.Max));
            Assert.Equal(row.Value.Average(), got.Mean, 1e-9);
        });
        Assert.Equal(
            _expected.Keys.Select(key => key.Measurement).Where(name => MeasurementSet.Default.IndexOf(name) < 0).Distinct().Order(),
            (await pipeline.Store.MeasurementNames.ReadAsync(Stop)).Select(stored => stored.Name).Order());
    }

    [Fact]
    public async Task Beyond_the_limit_of_measurements_the_other_values_count_and_the_checkpoint_goes_on()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, discovery: new() { Max = 1 });
        await pipeline.UntilAssignedAsync();
        await SendAsync("\"co2\":400");
        await Until.Async(async () => (await pipeline.RowsAsync()).Count == 1, () => "no row", TimeSpan.FromSeconds(30));
        await SendAsync("\"co2\":500,\"pressure\":1013,\"temperature\":20");
        await SendAsync("\"pressure\":1014");
        await pipeline.FinishAsync();

        var rows = await pipeline.RowsAsync();
        Assert.Equal(["co2 2", "temperature 1"], rows.Values.Select(row => $"{row.Key.Measurement} {row.Statistics.Count}").Order());

        Task SendAsync(string members) => SendOneAsync(pipeline, 7, 0, members);
    }

    [Fact]
    public async Task Until_every_silo_has_the_present_version_readings_of_discovered_measurements_wait()
    {
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1, discovery: new(), before: cluster => Task.FromResult(cluster.LaterFormIsKnown = false));
        await pipeline.UntilAssignedAsync();
        await SendOneAsync(pipeline, 7, 0, "\"temperature\":20");
        await Until.Async(async () => (await pipeline.RowsAsync()).Count == 1, () => "no row", TimeSpan.FromSeconds(30));
        await SendOneAsync(pipeline, 7, 1, "\"temperature\":21,\"co2\":400");
        await Until.Async(
            () => pipeline.Ingests.Any(ingest => ingest.GetStatus().Partitions.Any(partition => partition.Trouble is not null)),
            () => "nothing waits",
            TimeSpan.FromSeconds(30));
        Assert.Equal(1, Assert.Single(await pipeline.RowsAsync()).Value.Statistics.Count);

        pipeline.LaterFormIsKnown = true;
        await pipeline.FinishAsync();
        Assert.Equal(
            ["co2 1", "temperature 2"],
            (await pipeline.RowsAsync()).Values.Select(row => $"{row.Key.Measurement} {row.Statistics.Count}").Order());
    }

    private static Task SendOneAsync(PipelineCluster pipeline, int sensor, long second, string members) => pipeline.Producer.AppendAsync(
        Encoding.UTF8.GetBytes(sensor.ToString(CultureInfo.InvariantCulture)),
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"sensor_id":{{sensor}},"timestamp":{{(Start / EpochTime.MicrosPerSecond) + second}},{{members}}}""")),
        Stop).AsTask();

    private async Task ProduceAsync(PipelineCluster pipeline, int from, int count)
    {
        for (var second = from; second < from + count; second++)
        {
            for (var sensor = second % 8; sensor < Sensors; sensor += 8)
            {
                if (sensor * 8 > second)
                {
                    continue;
                }

                // A kind of device has 3 to 25 of the measurements.
                var values = Enumerable.Range(0, 3 + (sensor * 7 % 23))
                    .Select(i => (Name: NameOf(((sensor * 11) + (i * 13)) % Measurements), Value: (second % 40 * 3.0) + i))
                    .DistinctBy(value => value.Name).ToList();
                await SendOneAsync(pipeline, sensor, second, string.Join(',', values.Select(value => $"\"{value.Name}\":{value.Value}")));
                foreach (var (name, value) in values)
                {
                    var at = Start + (second * EpochTime.MicrosPerSecond);
                    var key = new WindowKey(sensor, name, PipelineCluster.Period, PipelineCluster.Period.StartOf(at));
                    _expected.TryAdd(key, []);
                    _expected[key].Add(value);
                }
            }
        }
    }

    private static string NameOf(int measurement) =>
        measurement < 2 ? MeasurementSet.Default[measurement].Name : $"measurement {measurement}";
}
