using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Grains.Tests.Sensors;

public sealed class SensorFaultsTests
{
    private const int Draws = 400_000;

    [Fact]
    public void Each_sensor_has_a_probability_of_its_own_between_a_tenth_of_a_percent_and_one()
    {
        var probabilities = Enumerable.Range(0, 10_000).Select(id => new SensorFaults(id, seed: 0).Probability).ToArray();
        Assert.All(probabilities, p => Assert.InRange(p, 0.001, 0.01));
        Assert.Equal(0.0055, probabilities.Average(), 0.0002);
        Assert.True(probabilities.Min() < 0.0011 && probabilities.Max() > 0.0099);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Errors_come_at_the_rate_of_the_sensor(int sensorId)
    {
        var faults = new SensorFaults(sensorId, seed: 0);
        var count = Enumerable.Range(0, Draws).Count(s => At(faults, s).Kind != SensorFaultKind.None);
        var deviation = Math.Sqrt(Draws * faults.Probability);
        Assert.InRange(count, (Draws * faults.Probability) - (5 * deviation), (Draws * faults.Probability) + (5 * deviation));
    }

    [Fact]
    public void Half_of_the_errors_are_deviations_of_5_to_10_degrees_up_or_down()
    {
        var all = Enumerable.Range(0, 100)
            .SelectMany(id => Enumerable.Range(0, 20_000).Select(s => At(new SensorFaults(id, seed: 0), s)))
            .Where(f => f.Kind != SensorFaultKind.None)
            .ToArray();
        var deviations = all.Where(f => f.Kind == SensorFaultKind.Deviation).Select(f => f.Deviation).ToArray();
        Assert.All(deviations, d => Assert.InRange(Math.Abs(d), 5, 10));
        Assert.All(all.Where(f => f.Kind == SensorFaultKind.Disconnected), f => Assert.Equal(0, f.Deviation));
        Assert.Equal(0.5, deviations.Length / (double)all.Length, 0.03);
        Assert.Equal(0.5, deviations.Count(d => d > 0) / (double)deviations.Length, 0.04);
        Assert.Equal(7.5, deviations.Average(Math.Abs), 0.1);
    }

    [Fact]
    public void A_reading_is_the_weather_with_the_error_of_its_moment()
    {
        var sensor = new SimulatedSensor(7, MeasurementSet.Default, seed: 0);
        var kinds = new HashSet<SensorFaultKind>();
        for (var second = 0; second < 20_000; second++)
        {
            var moment = Moment(second);
            var (reading, weather, fault) = (sensor.ReadingAt(moment), sensor.Climate.At(moment), sensor.Faults.At(moment));
            kinds.Add(fault.Kind);
            Assert.Equal((7, moment, weather.Humidity), (reading.SensorId, reading.Timestamp, reading.Values[1]));
            Assert.Equal(
                fault.Kind == SensorFaultKind.Disconnected ? double.NaN : weather.Temperature + fault.Deviation,
                reading.Values[0],
                1e-9);
        }

        Assert.Equal(3, kinds.Count);
    }

    [Fact]
    public void Whatever_is_measured_stays_within_its_range_and_what_is_no_weather_in_the_middle()
    {
        var measurements = new MeasurementSet(
            [new("pressure", 900, 1100), new("temperature", 20, 21), new("all", double.MinValue, double.MaxValue)]);
        var sensor = new SimulatedSensor(7, measurements, seed: 0);
        for (var second = 0; second < 5_000; second++)
        {
            var reading = sensor.ReadingAt(Moment(second));
            Assert.Equal((1000, 0), (reading.Values[0], reading.Values[2]));
            for (var i = 0; i < measurements.Count; i++)
            {
                Assert.True(double.IsNaN(reading.Values[i]) || measurements[i].Accepts(reading.Values[i]));
            }
        }
    }

    private static long Moment(int second) => (1_795_428_900L + second) * EpochTime.MicrosPerSecond;

    private static SensorFault At(SensorFaults faults, int second) => faults.At(Moment(second));
}
