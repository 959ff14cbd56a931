using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Twenty declared measurements on two silos, from the log to rows and alerts.</summary>
[Trait("Category", "System")]
public sealed class ManyMeasurementsTests
{
    private const int Sensors = 12;
    private const int Measurements = 20;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_value_is_in_the_row_and_in_the_alert_of_its_measurement()
    {
        // Temperature has a rule by default, here as the last measurement.
        var measurements = new MeasurementSet(
            [.. Enumerable.Range(0, Measurements - 1).Select(i => new Measurement($"m{i}", 0, 1e6)), new("temperature", -100, 100)]);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2, measurements: measurements);
        await pipeline.UntilAssignedAsync();
        foreach (var silo in pipeline.Cluster.Silos)
        {
            silo.ServiceProvider.GetRequiredService<LatestReadings>().Watch();
        }

        var expected = new Dictionary<WindowKey, List<double>>();
        for (var second = 0; second < 90; second++)
        {
            for (var sensor = 0; sensor < Sensors; sensor++)
            {
                await ProduceAsync(pipeline, measurements, sensor, second, expected);
            }
        }

        await pipeline.FinishAsync();

        var rows = await pipeline.RowsAsync();
        Assert.Equal(expected.Keys.ToHashSet(), rows.Keys.ToHashSet());
        Assert.All(expected, row =>
        {
            var got = rows[row.Key].Statistics;
            Assert.Equal((row.Value.Count, row.Value.Min(), row.Value.Max()), (got.Count, got.Min, got.Max));
            Assert.Equal(row.Value.Average(), got.Mean, 1e-9);
        });
        var alerts = await pipeline.Store.Alerts.QueryAsync(new(), Stop);
        Assert.Equal(
            Enumerable.Range(0, Sensors).Select(sensor => (sensor, "temperature")),
            alerts.Select(alert => (alert.SensorId, alert.Measurement)).Order());
        var latest = pipeline.Cluster.Silos.SelectMany(silo => silo.ServiceProvider.GetRequiredService<LatestReadings>().All).ToList();
        Assert.Equal(Enumerable.Range(0, Sensors), latest.Select(reading => reading.SensorId).Order());
        Assert.All(latest, reading => Assert.Equal(90, reading.Values[Measurements - 1]));
    }

    private static async Task ProduceAsync(
        PipelineCluster pipeline, MeasurementSet measurements, int sensor, int second, Dictionary<WindowKey, List<double>> expected)
    {
        // A sensor sends every second measurement, and some only now and then; the temperature jumps at the end.
        var values = Enumerable.Range(0, Measurements - 1).Where(i => (i + sensor) % 2 == 0 && (i < 10 || second % i == 0))
            .Select(i => (measurements[i].Name, Value: (sensor * 1000.0) + (i * 100) + (second % 50)))
            .Append(("temperature", second < 85 ? 20 : second + 1)).ToList();
        var members = string.Join(
            ',', values.Select(value => string.Create(CultureInfo.InvariantCulture, $"\"{value.Name}\":{value.Value}")));
        var at = (Start / EpochTime.MicrosPerSecond) + second;
        await pipeline.Producer.AppendAsync(
            Encoding.UTF8.GetBytes(sensor.ToString(CultureInfo.InvariantCulture)),
            Encoding.UTF8.GetBytes($"{{\"sensor_id\":{sensor},\"timestamp\":{at},{members}}}"),
            Stop);
        foreach (var (name, value) in values)
        {
            var start = PipelineCluster.Period.StartOf(at * EpochTime.MicrosPerSecond);
            var key = new WindowKey(sensor, name, PipelineCluster.Period, start);
            expected.TryAdd(key, []);
            expected[key].Add(value);
        }
    }
}
